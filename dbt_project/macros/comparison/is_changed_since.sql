{#- Whether one side of a pair has registered something of the person after the other side was read. -#}
{% macro is_changed_since(pair, left_registered_at, right_registered_at) -%}
    coalesce(
        {{ left_registered_at }} > read_until.{{ pair.right }}_at
        or {{ right_registered_at }} > read_until.{{ pair.left }}_at,
        false
    )
{%- endmacro %}
