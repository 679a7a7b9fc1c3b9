{#-
    The element of a list that is latest by `keys` (points in time, most significant first; unknown is earliest); of equals,
    the one that stands last. NULL for an empty list.
-#}
{% macro list_latest(list, keys) -%}
    {{ return(adapter.dispatch('list_latest', 'preg')(list, keys)) }}
{%- endmacro %}

{% macro duckdb__list_latest(list, keys) -%}
    (
        case
            when len({{ list }}) <= 1 then {{ list }}[1]
            else {{ list }}[
                list_max(
                    list_transform(
                        range(1, len({{ list }}) + 1),
                        lambda place: struct_pack(
                            {%- for key in keys %}
                            key_{{ loop.index }} := coalesce(
                                {{ list }}[place].{{ key }}, cast('-infinity' as timestamptz)
                            ),
                            {%- endfor %}
                            place := place
                        )
                    )
                ).place
            ]
        end
    )
{%- endmacro %}
