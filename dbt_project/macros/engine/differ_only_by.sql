{#-
    Whether two texts are the same words and numbers once each is read with the left side's parts: Storgata 12B and Nygata
    12B differ only by the street, Storgata 12B and Nygata 14B do not. `parts`: what `texts_side_by_side` gives. A part that
    only one side has is left out of that side's text. The longest parts are read first: a whole line before the street in
    it.
-#}
{% macro differ_only_by(left, right, parts) -%}
    {{ return(adapter.dispatch('differ_only_by', 'preg')(left, right, parts)) }}
{%- endmacro %}

{% macro duckdb__differ_only_by(left, right, parts) -%}
    list_transform(
        [list_reduce(
            list_reverse_sort(list_transform({{ parts }}, lambda part: {
                'letters': length(coalesce(part.left_text, '')) + length(coalesce(part.right_text, '')),
                'left_text': {{ duckdb__words('part.left_text') }},
                'right_text': {{ duckdb__words('part.right_text') }}
            })),
            lambda so_far, part: {
                'letters': 0,
                'left_text':
                    case when part.right_text = '  ' then replace(so_far.left_text, part.left_text, ' ')
                        else so_far.left_text end,
                'right_text':
                    case when part.right_text = '  ' then so_far.right_text
                        when part.left_text = '  ' then replace(so_far.right_text, part.right_text, ' ')
                        else replace(so_far.right_text, part.right_text, part.left_text) end
            },
            {'letters': 0, 'left_text': {{ duckdb__words(left) }}, 'right_text': {{ duckdb__words(right) }}}
        )],
        lambda read: trim(read.left_text) = trim(read.right_text)
    )[1]
{%- endmacro %}

{#- The words and numbers of a text, folded, with one space before, between and behind them; 12B is a number and a word. -#}
{% macro duckdb__words(text) -%}
    ' ' || trim(regexp_replace(regexp_replace(regexp_replace(
        {{ folded_name("coalesce(" ~ text ~ ", '')") }},
        '[^\p{L}\p{M}\p{N}]+', ' ', 'g'), '(\p{N})(\p{L})', '\1 \2', 'g'), '(\p{L})(\p{N})', '\1 \2', 'g')) || ' '
{%- endmacro %}
