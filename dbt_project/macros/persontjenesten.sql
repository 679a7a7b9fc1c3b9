{#-
    How entries of Persontjenesten are read: which holds now, which is the latest, how strict a grade is. Functions of the
    schema `persontjenesten` (`create_functions`, macros/functions.sql).
-#}
{% macro persontjenesten_functions() -%}
-- Whether an entry of Persontjenesten holds: marked isValid, or without an end where nothing is marked.
create or replace macro persontjenesten.is_current(entry) as
    coalesce(entry.isValid, entry.validTo is null);

create or replace macro persontjenesten.current(entries) as
    list_filter(entries, lambda entry: persontjenesten.is_current(entry));

-- Of several entries of a Persontjeneste element, the one that came into force last.
create or replace macro persontjenesten.latest(entries) as
    entries[list_max(list_transform(entries, lambda entry, position: {
        'valid': coalesce(entry.validFrom, cast('-infinity' as timestamptz)),
        'registered': coalesce(entry.registeredAt, cast('-infinity' as timestamptz)),
        'position': position
    })).position];

-- The latest entry of familyRelation that names somebody in a role.
create or replace macro persontjenesten.relative(entries, role) as
    persontjenesten.latest(list_filter(
        entries,
        lambda entry: entry.relatedPersonsRole = role and record.identifier(entry.relatedPerson) is not null
    ));

create or replace macro persontjenesten.person_grade(given) as
    case when given in ('Unclassified', 'Confidential') then given else 'StrictlyConfidential' end;

create or replace macro persontjenesten.address_grade(given) as
    case
        when given is null or given in ('Unclassified', 'ClientAddress', 'Confidential') then given
        else 'StrictlyConfidential'
    end;
{%- endmacro %}
