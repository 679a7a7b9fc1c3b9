{#-
    How entries of Freg are read: which holds now, which is the latest, how strict a grade is. Functions of the schema
    `freg` (`create_functions`, macros/functions.sql).
-#}
{% macro freg_functions() -%}
-- Whether an entry of Freg holds on the day of its delivery: marked erGjeldende, or, where it is not marked, without an
-- end that has come.
create or replace macro freg.is_current(entry, delivered_at) as
    coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null or entry.opphoerstidspunkt > delivered_at);

-- The entries of a Freg element that hold now.
create or replace macro freg.current(entries, delivered_at) as
    list_filter(entries, lambda entry: freg.is_current(entry, delivered_at));

-- Of several entries of a Freg element, the one that came into force last; registered last where that is equal, and of
-- equals the one that stands last. NULL for none.
create or replace macro freg.latest(entries) as
    entries[list_max(list_transform(entries, lambda entry, position: {
        'valid': coalesce(entry.gyldighetstidspunkt, cast('-infinity' as timestamptz)),
        'registered': coalesce(entry.ajourholdstidspunkt, cast('-infinity' as timestamptz)),
        'position': position
    })).position];

-- The latest entry of familierelasjon that names somebody in a role.
create or replace macro freg.relative(entries, role) as
    freg.latest(list_filter(
        entries,
        lambda entry: entry.relatertPersonsRolle = role and record.identifier(entry.relatertPerson) is not null
    ));

-- Whether an entry of Freg's adressebeskyttelse still stands: until its end is told, and has come by the time of the
-- delivery. `erGjeldende: false` alone tells no end; `erGjeldende: true` stands whatever end it has.
create or replace macro freg.is_protection_in_force(entry, delivered_at) as
    (
        coalesce(entry.erGjeldende, false)
        or entry.opphoerstidspunkt is null
        or coalesce(entry.opphoerstidspunkt > delivered_at, false)
    );

-- A grade of a person's address protection: it fails closed. What is not exactly a grade of the code list (another
-- spelling, a grade that the list does not have, an empty text, none) counts as the strictest. A person has no client
-- address, so that grade is not known here either.
create or replace macro freg.person_grade(given) as
    case when given in ('ugradert', 'fortrolig') then given else 'strengtFortrolig' end;

-- The same of an address, which may be a client's; no grade (NULL) is none.
create or replace macro freg.address_grade(given) as
    case
        when given is null or given in ('ugradert', 'klientadresse', 'fortrolig') then given
        else 'strengtFortrolig'
    end;
{%- endmacro %}
