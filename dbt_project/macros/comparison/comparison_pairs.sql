{#-
    The pairs of sides that are held against each other, each with its name, its left and its right side. A side is `preg`
    (PREG as we build it), `legacy` (the running PREG, from its exports) or `persontjenesten`.
-#}
{% macro comparison_pairs() -%}
    {{ return([
        {'name': 'preg_persontjenesten', 'left': 'preg', 'right': 'persontjenesten'},
        {'name': 'preg_legacy', 'left': 'preg', 'right': 'legacy'},
        {'name': 'legacy_persontjenesten', 'left': 'legacy', 'right': 'persontjenesten'},
    ]) }}
{%- endmacro %}
