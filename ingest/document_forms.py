"""The same thing said in another form: an element once or in a list, nothing as an empty text; in SQL, by path.

Freg's schemas have changed an element from one to a list before (foedsel), and clients write what is not there as "".
"""

from __future__ import annotations

# What stands for nothing, as the whole value of a name: no text, spaces, the first and last day that programs know
# (with nothing but a time after it), a script's word. (Null and NULL are names of people.)
_NOTHING = r'"(\s*|undefined|(9999-12-31|0001-01-01)([T ][0-9:.+Z-]*)?)"'

# A protection that stands for nothing is no missing one: what is not exactly "ungraded" protects (decision 0025).
OF_PROTECTION = (
    "graderingsnivaa|adressegradering|adressebeskyttelse|protectionLevel|addressConfidentiality|addressProtection"
)
_BLANK_GRADE = rf'("({OF_PROTECTION})"\s*:\s*){_NOTHING}'
BLANK_GRADE_TEXT = "(blank)"

# A name that is written with an escaped letter may be one of those above.
_ESCAPED_NAME = r'\\u[0-9a-fA-F]{4}[^"]*"\s*:'


def without_placeholders_sql(document: str) -> str:
    """SQL: a JSON document in which null stands for values that stand for nothing.

    A grade of protection that stands for nothing becomes a text that no list has: it protects, and is warned about. A
    document in which a name is written with escapes is left as it is, and so is one that would be no JSON afterwards.

    A quote within a text is escaped, so that colon, quote and such a text up to the next quote is nowhere but where it
    is all of a value.
    """
    return (
        f"case when regexp_matches({document}::varchar, ':\\s*{_NOTHING}')"
        f" and not regexp_matches({document}::varchar, '{_ESCAPED_NAME}')"
        f" then coalesce(try(regexp_replace("
        f"regexp_replace({document}::varchar, '{_BLANK_GRADE}', '\\1\"{BLANK_GRADE_TEXT}\"', 'g'),"
        f" ':\\s*{_NOTHING}', ':null', 'g')::json), {document}) else {document} end"
    )


def contract_forms_sql(document: str, path: str, form: str) -> str:
    """SQL: a JSON document in which the element at a contract's path has the form that the contract gives it.

    path: as `ContractPath.path` ($.navn[].fornavn). form: what it has instead: `once` of a list, `list` of a single
    one. Where the element is not there, or has its form already, nothing changes.
    """
    return _within(document, path.removeprefix("$.").split("."), form)


def _within(value: str, steps: list[str], form: str) -> str:
    step, *rest = steps
    name = step.removesuffix("[]")
    here = f"at_{len(steps)}"
    member = f"json_extract({here}, '$.{name}')"
    if not rest:
        changed = _in_form(member, form)
    elif step.endswith("[]"):
        item = f"item_{len(steps)}"
        changed = (
            f"to_json(list_transform(json_extract({here}, '$.{name}[*]'), lambda {item}: {_within(item, rest, form)}))"
        )
    else:
        changed = _within(member, rest, form)
    return (
        f"list_transform([{value}], lambda {here}: case"
        f" when json_type({here}) = 'OBJECT' and coalesce(json_type({here}, '$.{name}'), 'NULL') <> 'NULL'"
        # A patch is merged into an object that is there, and what it leaves out would stay: so the member goes first.
        f" then json_merge_patch({here}, json_object('{name}', null), json_object('{name}', {changed}))"
        f" else {here} end)[1]"
    )


def _in_form(member: str, form: str) -> str:
    if form == "once":
        return f"case json_type({member}) when 'ARRAY' then {member} else json_array({member}) end"
    return (
        f"case when json_type({member}) = 'ARRAY' and json_array_length({member}) <= 1"
        f" then json_extract({member}, '$[0]') else {member} end"
    )
