{#-
    Of the differences of present addresses, the persons in whom the two sides show two different addresses, and the one
    difference that all the others follow from: pair, person, cause. The sides show different addresses when only one of them
    has any, or when two of these differ in more than format or edition of a list: the street or the farm, the house, the
    postal code, kommune or country, the day of the move. The cause is the day of the move where it differs (one side lacks a
    move), else the first of the others.
-#}
{% macro another_address(differences) -%}
    {%- set parts = [
        ['date_adr_from'],
        ['street_name', 'cadastral_number'],
        ['house_number', 'property_number'],
        ['postal_code', 'st', 'country'],
    ] -%}
    select
        pair,
        person,
        coalesce(
            {%- for field in parts | sum(start=[]) %}
            max(case when field = '{{ field }}' then field end),
            {%- endfor %}
            min(field)
        ) as cause
    from {{ differences }}
    where entity = 'Address' and difference_kind not in ('equal_after_rule', 'protection')
    group by pair, person
    having
        max(case when is_on_one_side then 1 else 0 end) = 1
        or {% for fields in parts -%}
        max(case when field in ('{{ fields | join("', '") }}') and difference_kind not in ('format', 'code_list') then 1 else 0 end)
        {{ '+' if not loop.last }} {% endfor -%}
        >= 2
{%- endmacro %}
