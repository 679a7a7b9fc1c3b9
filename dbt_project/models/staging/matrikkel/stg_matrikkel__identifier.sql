-- The identifiers that addresses of the public address files ever had, with what stays when an identifier is given
-- anew; a row for each time that it was delivered.
with final as (
    select
        lokal_id as adresse_id,
        uuid_adresse
    from {{ source('raw', 'matrikkel_adresse') }}
    where uuid_adresse is not null
)

select * from final
