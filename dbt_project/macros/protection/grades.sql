{#-
    Grades of address protection, conformed: it fails closed. What is not exactly a grade of the code list (another spelling, a
    grade that the list does not have, an empty text) counts as the strictest. Nothing (NULL) is no grade of an address; an entry
    of the person's protection without a grade does not say that there is none, and counts as the strictest too.
    `grades`: ungraded, confidential, strict and, for an address, client, in the source's words (`freg_grades`,
    `persontjenesten_grades`).
-#}
{% macro address_grade(value, grades) -%}
    case
        when {{ value }} is null or {{ value }} in ('{{ grades.ungraded }}', '{{ grades.client }}', '{{ grades.confidential }}')
            then {{ value }}
        else '{{ grades.strict }}'
    end
{%- endmacro %}

{#- The same of a person: a person has no client address, so that grade is not known there either. -#}
{% macro person_grade(value, grades) -%}
    case
        when {{ value }} in ('{{ grades.ungraded }}', '{{ grades.confidential }}') then {{ value }}
        else '{{ grades.strict }}'
    end
{%- endmacro %}

{% macro freg_grades() -%}
    {{ return({
        'ungraded': 'ugradert', 'client': 'klientadresse', 'confidential': 'fortrolig', 'strict': 'strengtFortrolig'
    }) }}
{%- endmacro %}

{% macro persontjenesten_grades() -%}
    {{ return({
        'ungraded': 'Unclassified', 'client': 'ClientAddress', 'confidential': 'Confidential',
        'strict': 'StrictlyConfidential'
    }) }}
{%- endmacro %}

{#-
    Whether an entry of Freg's adressebeskyttelse still stands: until its end is told, and has come by the time of the delivery.
    `erGjeldende: false` alone tells no end; `erGjeldende: true` stands whatever end it has.
-#}
{% macro protection_stands(entry, delivered_at) -%}
    (
        coalesce({{ entry }}.erGjeldende, false)
        or {{ entry }}.opphoerstidspunkt is null
        or coalesce({{ entry }}.opphoerstidspunkt > {{ delivered_at }}, false)
    )
{%- endmacro %}
