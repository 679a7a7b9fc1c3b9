-- What an address and a dwelling are known by: the same text for the same place in every release, which says nothing by
-- itself. Blank where the place is not known: an address that is hidden, or has neither a street nor a plot.
create or replace macro dwelling_key(
    st, street_name, house_number, house_letter, cadastral_number, property_number, apartment_number
) as
    case when st is not null and (street_name is not null or cadastral_number is not null)
            then md5(concat_ws(
                '|', st, coalesce(lower(street_name), ''), coalesce(cast(house_number as varchar), ''),
                coalesce(lower(house_letter), ''), coalesce(cadastral_number, ''), coalesce(property_number, ''),
                coalesce(apartment_number, '')
            )) end;

create or replace macro address_key(
    st, street_name, house_number, house_letter, cadastral_number, property_number
) as dwelling_key(
    st, street_name, house_number, house_letter, cadastral_number, property_number, 'every dwelling'
);

comment on macro dwelling_key is
    'What a dwelling is known by, by kommune, street or plot, and dwelling number; blank where the place is not known.';
comment on macro address_key is
    'What an address is known by, whatever the dwelling; blank where the place is not known.';
