-- Protected places, as addresses say them (`place_key` of int_address__entry): those that are, or may
-- be, a dwelling of int_address__protected_key. Where the number of a dwelling is not given in either, every one in the
-- house may be the same: a spouse or a child would else give it away. A place that this build took off the list
-- appears once more, no longer protected: anyone who lives there must be shown again.
{{ config(materialized='table') }}
with places as (
    select
        place_key,
        dwelling_number,
        unnest(keys) as key
    from {{ ref('int_address__place') }}
),

protected_now as (
    select distinct places.place_key
    from places
    inner join {{ ref('int_address__protected_key') }} as protected on places.key = protected.key
    where
        places.dwelling_number is null
        or protected.dwelling_number is null
        or places.dwelling_number = protected.dwelling_number
),

protected_before as (
    {% if is_whole_build() or not load_relation(this) %}
    select place_key from protected_now
    {% else %}
    select place_key from {{ this }}
    where is_protected
    {% endif %}
),

final as (
    select
        coalesce(protected_now.place_key, protected_before.place_key) as place_key,
        protected_now.place_key is not null as is_protected,
        protected_now.place_key is null or protected_before.place_key is null as is_changed
    from protected_now
    full outer join protected_before on protected_now.place_key = protected_before.place_key
)

select * from final
