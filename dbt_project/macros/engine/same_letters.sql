{#-
    Whether two texts are the same letters and digits, written differently: without marks of Latin letters, without spaces
    and signs, numbers without leading zeros, and a letter that a keyboard lacks as the letters it is written with:

    ø, ö       o or oe        æ, œ, ĳ    ae, oe, ij
    å          a or aa        ß          ss
    ä, ü       a or ae, u or ue    þ     th
    đ, ð, ħ, ı, ł, ŀ, ŋ, ŧ, ſ      d, d, h, i, l, l, n, t, s

    (the letters of ICAO Doc 9303, part 3, that the Nordic countries and their neighbours write; the others are different
    letters.) Both texts are read in the same spelling: Bjørn is Bjorn and Bjoern, but Bjorn is not Bjoern, which has a
    letter more. Any other letter, of any script, is itself. So are ? and the replacement character: they stand where a
    letter was lost. Texts without a letter or digit are the same only when they are equal.
-#}
{% macro same_letters(left, right) -%}
    {{ return(adapter.dispatch('same_letters', 'preg')(left, right)) }}
{%- endmacro %}

{% macro duckdb__same_letters(left, right) -%}
    list_transform(
        [{'left_letters': {{ small_letters(left) }}, 'right_letters': {{ small_letters(right) }}}],
        lambda small: regexp_matches(small.left_letters, '[\p{L}\p{N}]') and list_contains(
            list_transform(
                [{'ring': 'a', 'e': ''}, {'ring': 'a', 'e': 'e'}, {'ring': 'aa', 'e': ''}, {'ring': 'aa', 'e': 'e'}],
                lambda spelling:
                    {{ duckdb__in_a_spelling('small.left_letters') }} = {{ duckdb__in_a_spelling('small.right_letters') }}
            ),
            true
        )
    )[1]
{%- endmacro %}

{#- Small letters in the spelling of which `spelling` says how it writes å, and whether it writes an e behind a vowel. -#}
{% macro duckdb__in_a_spelling(letters) -%}
    {%- set spelt -%}
        translate(
            replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
                {{ letters }},
                'å', spelling.ring), 'ø', 'o' || spelling.e), 'ö', 'o' || spelling.e), 'ä', 'a' || spelling.e),
                'ü', 'u' || spelling.e), 'æ', 'ae'), 'œ', 'oe'), 'ĳ', 'ij'), 'ß', 'ss'), 'þ', 'th'),
            'đðħıłŀŋŧſ', 'ddhillnts'
        )
    {%- endset -%}
    regexp_replace(
        regexp_replace({{ without_marks(spelt) }}, '\b0+(\d)', '\1', 'g'), '[^\p{L}\p{M}\p{N}?\x{FFFD}]', '', 'g'
    )
{%- endmacro %}
