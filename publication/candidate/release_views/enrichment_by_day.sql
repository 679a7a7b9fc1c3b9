-- How the present addresses got their grunnkrets, day by day from `first_day` to `last_day`: of what PREG showed at the end
-- of each day in Oslo, by the rules and with the Matrikkel of the release. Share: of the kommune's addresses of the day.
create or replace macro enrichment_quality_by_day(first_day, last_day) as table
    with days as (
        select
            cast(day as date) as shown_on,
            timezone('Europe/Oslo', cast(cast(day as date) + 1 as timestamp)) as ends_at
        from range(cast(first_day as date), cast(last_day as date) + 1, interval 1 day) as each(day)
    ),

    shown as (
        select state.shown_from, state.shown_to, address.st, address.enrichment_method, address.enrichment_reason
        from preg_state as state
        inner join preg_address as address using (nin)
        where state.is_present and address.current_address
        union all
        select state.shown_from, state.shown_to, address.st, address.enrichment_method, address.enrichment_reason
        from preg_state as state
        inner join preg_address_earlier as address using (nin, sequence_number)
        where address.current_address
    ),

    counted as (
        select days.shown_on, shown.st, shown.enrichment_method, shown.enrichment_reason, count(*) as addresses
        from shown
        inner join days
            on shown.shown_from < days.ends_at and (shown.shown_to is null or shown.shown_to >= days.ends_at)
        group by all
    )

    select *, addresses / sum(addresses) over (partition by shown_on, st) as share
    from counted
    order by shown_on, st, addresses desc, enrichment_method, enrichment_reason;

comment on macro table enrichment_quality_by_day is
    'How the present addresses got their grunnkrets, by day, kommune and method: count, and share of the kommune.';
