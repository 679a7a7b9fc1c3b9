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
