-- The addresses of PREG as they are now; each field by the rule that `field_mapping` names, in int_preg__address.
with final as (
    select
        nin,
        current_address,
        date_adr_from,
        postal_type,
        date_postal_type,
        st,
        municipality,
        street_name,
        street_number,
        house_number,
        house_letter,
        apartment_number,
        cadastral_number,
        property_number,
        co_address,
        address_line1,
        address_line2,
        address_line3,
        postal_address,
        postal_address_valid_from,
        postal_code,
        postal_place,
        country,
        district_code,
        district_name,
        basic_statistical_unit,
        constituency,
        school_district,
        x_coord,
        y_coord,
        grunnkrets_number,
        grunnkrets_name,
        service_district_code,
        service_district_name,
        present_st,
        valid_to,
        enrichment_method,
        enrichment_reason,
        address_type
    from {{ ref('int_preg__address') }}
    where is_present and is_in_preg
)

select * from final
