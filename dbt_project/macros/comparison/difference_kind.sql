{#-
    What kind of difference two values are, as SQL over a pair that has the columns `left_<column>` and `right_<column>`.
    The first that applies:

    equal_after_rule  the field's compare rule takes them for equal
    protection        the address is hidden on a side
    timing            a side has registered a change after the other side was read
    code_list         the right side has a value that no code list knows
    identity          both are numbers of the same person
    only_left, only_right  one side has no value
    meaning           the right side's value is what it means by something else (`right_<column>_meaning`)
    enrichment        both sides looked it up in Matrikkelen, with different results
    format            the same value, written differently
    unexplained       anything else
-#}
{% macro difference_kind(field, right_columns) -%}
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
        {%- if right ~ '_value' in right_columns %}
        when {{ right }} is null and {{ right }}_value is not null then 'code_list'
        {%- endif %}
        {%- if field.compare_rule == 'same_person' %}
        when {{ same_person_by_number(left, right) }} then 'identity'
        {%- endif %}
        when {{ right }} is null then 'only_left'
        when {{ left }} is null then 'only_right'
        {%- if right ~ '_meaning' in right_columns %}
        when {{ right }} = {{ right }}_meaning then 'meaning'
        {%- endif %}
        {%- if field.compare_rule in ('enriched', 'enriched_name') %}
        when true then 'enrichment'
        {%- endif %}
        when {{ bare('cast(' ~ left ~ ' as varchar)') }} = {{ bare('cast(' ~ right ~ ' as varchar)') }} then 'format'
        else 'unexplained'
    end
{%- endmacro %}
