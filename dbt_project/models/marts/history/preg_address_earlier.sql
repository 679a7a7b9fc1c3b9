-- The addresses of PREG as shown before: one set a state of preg_state that is past, in the columns of preg_address.
with final as (
    select
        states.sekvensnummer as sequence_number,
        states.person_nin,
        shown.nin,
        shown.current_address,
        shown.date_adr_from,
        shown.postal_type,
        shown.date_postal_type,
        shown.st,
        shown.municipality,
        shown.street_name,
        shown.street_number,
        shown.house_number,
        shown.house_letter,
        shown.apartment_number,
        shown.cadastral_number,
        shown.property_number,
        shown.co_address,
        shown.address_line1,
        shown.address_line2,
        shown.address_line3,
        shown.postal_address,
        shown.postal_address_valid_from,
        shown.postal_code,
        shown.postal_place,
        shown.country,
        shown.district_code,
        shown.district_name,
        shown.basic_statistical_unit,
        shown.constituency,
        shown.school_district,
        shown.x_coord,
        shown.y_coord,
        shown.grunnkrets_number,
        shown.grunnkrets_name,
        shown.service_district_code,
        shown.service_district_name,
        shown.present_st,
        shown.valid_to,
        shown.enrichment_method,
        shown.enrichment_reason,
        shown.address_type
    from {{ ref('int_preg__address') }} as shown
    inner join {{ ref('int_person__state') }} as states
        on shown.document_number = states.document_number
    where not states.is_present and states.is_shown
)

select * from final
