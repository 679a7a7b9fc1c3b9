{#- Compare rule: only the same value is equal. -#}
{% macro exact(left, right) -%}
    false
{%- endmacro %}

{#- Compare rule: names are equal whatever their letter case, spacing and foreign marks (`folded_name`). -#}
{% macro name(left, right) -%}
    build.folded_name({{ left }}) = build.folded_name({{ right }})
{%- endmacro %}

{#- Compare rule: lines of an address are equal whatever their letter case, spacing, commas and foreign marks. -#}
{% macro address_line(left, right) -%}
    build.folded_name(replace({{ left }}, ',', ' ')) = build.folded_name(replace({{ right }}, ',', ' '))
{%- endmacro %}

{#- Compare rule: numbers written as text are equal whatever their leading zeros. -#}
{% macro number(left, right) -%}
    try_cast({{ left }} as integer) = try_cast({{ right }} as integer)
{%- endmacro %}

{#-
    Compare rule: days. A source's point in time has become the day in Norway before it comes here (`local_date`), so midnight
    in any notation is no difference; another day is one.
-#}
{% macro day(left, right) -%}
    false
{%- endmacro %}

{#- Compare rule: coordinates in metres, equal when less than a metre apart. -#}
{% macro coordinate(left, right) -%}
    abs(try_cast({{ left }} as double) - try_cast({{ right }} as double)) < 1
{%- endmacro %}

{#- Compare rule: codes of PREG's code lists; only the same code is equal. -#}
{% macro code(left, right) -%}
    false
{%- endmacro %}

{#- Compare rule: numbers of kommuner; another number, even of what is one kommune today, is a difference (of code list). -#}
{% macro kommune(left, right) -%}
    false
{%- endmacro %}

{#- Compare rule: names of kommuner, equal whatever their letter case; the name of another year's list is a difference. -#}
{% macro kommune_name(left, right) -%}
    {{ name(left, right) }}
{%- endmacro %}

{#- Compare rule: numbers of areas, equal whatever their leading zeros; another area is a difference of enrichment. -#}
{% macro enriched(left, right) -%}
    {{ number(left, right) }}
{%- endmacro %}

{#- Compare rule: names of areas, equal whatever their letter case; another area is a difference of enrichment. -#}
{% macro enriched_name(left, right) -%}
    {{ name(left, right) }}
{%- endmacro %}

{#- Compare rule: numbers of persons; another number, even of the same person, is a difference (of kind identity). -#}
{% macro same_person(left, right) -%}
    false
{%- endmacro %}

{#-
    Compare rule: numbers of somebody's relatives are equal where they lead to the same person. Freg names a relative as it did
    when the relation was registered; PREG names the number of today.
-#}
{% macro relative(left, right) -%}
    {{ same_person_by_number(left, right) }}
{%- endmacro %}

{#-
    What kind of difference two values are, as SQL over a pair that has the columns `left_<column>` and `right_<column>`, and
    where a side can explain its value `<side>_<column>_value` (the source's own) or `_meaning` (what it means by something
    else). `columns`: all columns of the pair. The first that applies:

    equal_after_rule  the field's compare rule takes them for equal
    protection        the address is hidden on a side
    timing            a side has registered a change after the other side was read
    code_list         a side has a value that no code list knows, or one of another edition of the list
    identity          both are numbers of the same person
    only_left, only_right  one side has no value
    meaning           a side's value is what it means by something else: the bydel that serves, not the one it lies in
    enrichment        both sides looked it up in Matrikkelen, with different results
    unexplained       anything else; of these, those of the same letters and digits are of format (`same_letters`), which
                      is looked at for all fields at once: int_comparison__field

    That a difference follows from one of another field (derived) is seen when all fields have been looked at:
    `causes_of_differences`.
-#}
{% macro difference_kind(field, columns) -%}
    {%- set left = 'left_' ~ field.column_name -%}
    {%- set right = 'right_' ~ field.column_name -%}
    {%- set rule = context.get(field.compare_rule) -%}
    {%- if not rule -%}
        {{ exceptions.raise_compiler_error("field_mapping names the compare rule '" ~ field.compare_rule
            ~ "' for " ~ field.column_name ~ ", but macros/comparison has no such macro") }}
    {%- endif -%}
    case
        when coalesce({{ rule('cast(' ~ left ~ ' as varchar)', 'cast(' ~ right ~ ' as varchar)') }}, false)
            then 'equal_after_rule'
        {%- if field.preg_entity == 'Address' %}
        when is_hidden then 'protection'
        {%- endif %}
        when is_changed_since then 'timing'
        {%- for side in [left, right] if side ~ '_value' in columns %}
        when {{ side }} is null and {{ side }}_value is not null then 'code_list'
        {%- endfor %}
        {%- if field.compare_rule == 'same_person' %}
        when {{ same_person_by_number(left, right) }} then 'identity'
        {%- endif %}
        when {{ right }} is null then 'only_left'
        when {{ left }} is null then 'only_right'
        {%- if field.compare_rule in ('kommune', 'kommune_name') %}
        when {{ same_kommune('left_st', 'right_st') }} then 'code_list'
        {%- endif %}
        {%- if left ~ '_meaning' in columns %}
        when
            ({{ right }} = {{ right }}_meaning and {{ is_served_by_another('left_district_code') }})
            or ({{ left }} = {{ left }}_meaning and {{ is_served_by_another('right_district_code') }})
            then 'meaning'
        {%- endif %}
        {%- if field.compare_rule in ('enriched', 'enriched_name') %}
        when true then 'enrichment'
        {%- endif %}
        else 'unexplained'
    end
{%- endmacro %}

{#- Whether two numbers lead to the same person in `person_number`. -#}
{% macro same_person_by_number(left, right) -%}
    exists (
        select 1
        from {{ ref('person_number') }} as of_left
        inner join {{ ref('person_number') }} as of_right on of_left.nin = of_right.nin
        where of_left.number = {{ left }} and of_right.number = {{ right }}
    )
{%- endmacro %}

{#- Whether two different kommune numbers are of what is one kommune today: numbers of the lists of different years. -#}
{% macro same_kommune(left, right) -%}
    {{ left }} <> {{ right }}
    and {{ kommune_today(left) }} = {{ kommune_today(right) }}
{%- endmacro %}

{#- The number that a kommune has today; of one that was divided, the number itself. -#}
{% macro kommune_today(number) -%}
    coalesce(
        (
            select changed.present_kommunenummer
            from {{ ref('int_kommune__present') }} as changed
            where changed.kommunenummer = {{ number }}
        ),
        {{ number }}
    )
{%- endmacro %}

{#- Whether a bydel has no administration of its own, so that who lives there is served by another (`bydel_uten_administrasjon`). -#}
{% macro is_served_by_another(district_code) -%}
    {{ district_code }} in (select bydelsnummer from {{ ref('bydel_uten_administrasjon') }})
{%- endmacro %}
