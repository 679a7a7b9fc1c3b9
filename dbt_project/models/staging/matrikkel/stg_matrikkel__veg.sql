-- One row per street or road: its name and its code (adressekode) within the kommune.
{{ latest_rows('matrikkel_veg', ['veg_id'], ['kommune_id', 'adressekode', 'adressenavn', 'kort_adressenavn']) }}
