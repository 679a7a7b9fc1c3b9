"""The pages of the support staff: what they show, to whom, and that nothing of a person is where it may stay."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from publication.access.access_profile import find_access_profile
from serving.access.access_log import access_log_dir
from serving.services.look_up import states
from tests.integration.test_services import PROFILES
from tests.support.serving import Served

pytestmark = pytest.mark.xdist_group("built sample")

WIDEST = "persontjenesten_legal_basis"
NOBODY = "08889499150"


def _ask(served: Served, path: str, form: dict[str, str], profile: str = WIDEST, **headers: str) -> Any:
    return served.http.post(f"/support/{path}", data=form, auth=served.by(profile), headers=headers)


def _logged(served: Served) -> list[dict[str, Any]]:
    """The calls in the log of this process's segments, oldest first."""
    lines = [
        json.loads(line)
        for file in sorted(access_log_dir(served.settings).glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [line for line in lines if "interface" in line]


def _row(database: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    found = database.execute(query).fetchone()
    assert found is not None
    return tuple(found)


def test_who_is_not_let_in_is_asked_for_a_password(served: Served) -> None:
    answer = served.http.get("/support")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert "<h1>" in answer.text


def test_a_person_is_found_by_words_and_by_any_number(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    nin, given_name, sn, born = _row(
        database,
        "select nin, given_name, sn, cast(date_of_birth as varchar) from preg_person"
        " where reg_status = 1 and middle_name is null order by nin limit 1",
    )
    page = _ask(served, "search", {"name": f"{given_name} {sn}", "born": born})
    assert page.status_code == 200
    assert f"{given_name} {sn}" in page.text
    assert nin in page.text
    shown = _ask(served, "search", {"number": f"{nin[:6]} {nin[6:]}"})
    assert f"<h1>{given_name} {sn}</h1>" in shown.text
    assert shown.headers["Preg-Release"]
    old, new = _row(database, "select nin, new_nin from preg_person_retired order by nin limit 1")
    retired = _ask(served, "person", {"nin": old})
    assert new in retired.text
    assert "utgått" in retired.text
    # An answer is kept by no one, and its address says nothing.
    assert shown.headers["cache-control"] == "no-store"
    assert not re.search(r'(href|action)="[^"]*\d{11}', page.text + shown.text)
    assert "<script" not in page.text + shown.text


@pytest.mark.parametrize(
    ("path", "form", "status", "told"),
    [
        ("person", {"nin": NOBODY}, 404, "har dette nummeret"),
        ("person", {"nin": "12345678901"}, 400, "kontrollsiffer"),
        ("person", {}, 400, "kontrollsiffer"),
        ("search", {}, 400, "Gi minst"),
        ("search", {"name": "Kari", "born": "1980-02-31"}, 400, "finnes ikke"),
        ("search", {"name": "x" * 600}, 400, "kortere eller smalere"),
    ],
)
def test_what_cannot_be_answered_is_told_in_both_languages(
    served: Served, path: str, form: dict[str, str], status: int, told: str
) -> None:
    page = _ask(served, path, form)
    assert page.status_code == status
    (alert,) = re.findall(r'role="alert">(.*?)</p>', page.text, re.DOTALL)
    assert told in alert
    assert 'lang="en"' in alert


def test_what_a_profile_does_not_receive_is_not_on_the_page(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    refused = _ask(served, "search", {"name": "Kari"}, "statistikk")
    assert refused.status_code == 403
    assert "Tilgangsprofilen" in refused.text


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_withheld_is_on_the_page_of_a_protected_person(
    served: Served, database: duckdb.DuckDBPyConnection, profile: str
) -> None:
    found = find_access_profile(served.settings, profile)
    blank = set(found.blank_columns("preg_person"))
    telling = ("given_name", "sn", "mothers_nin", "fathers_nin", "spouse_nin", "duf_no", "date_of_birth")
    persons = database.execute(
        f"select nin, {', '.join(f'cast({each} as varchar)' for each in telling)} from preg_person"
        " where nin in (select nin from preg_address where postal_type in (6, 7))"
    ).fetchall()
    assert persons
    for nin, *values in persons:
        page = _ask(served, "person", {"nin": nin}, profile).text
        for column, value in zip(telling, values, strict=True):
            if column in blank and value:
                assert value not in page, column
        if found.file.protected == "none":
            assert "Sperret" not in page
        # Of a hidden address nothing is there to show.
        assert "PostalAddress</dt>" not in page.partition("Tidligere")[0]


def test_what_was_before_is_shown_where_the_profile_has_history(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    (nin,) = _row(
        database,
        "select person_nin from preg_state where event = 'endringISivilstand' and is_present order by 1 limit 1",
    )
    page = _ask(served, "person", {"nin": nin})
    assert "endringISivilstand" in page.text
    assert "Person.MaritalStatus" in page.text
    found = states(served.reader(WIDEST), nin)
    assert [state.is_present for state in found] == [True] + [False] * (len(found) - 1)
    assert all(newer.shown_from >= older.shown_from for newer, older in pairwise(found))
    assert "gir ikke historikk" in _ask(served, "person", {"nin": nin}, "apotek").text


def test_a_difference_is_marked_and_tells_what_a_client_does(
    served: Served, database: duckdb.DuckDBPyConnection
) -> None:
    nin, other = _row(
        database,
        "select nin, right_value from field_comparison_differences where pair = 'preg_persontjenesten'"
        " and entity = 'Person' and difference_kind = 'unexplained' and right_value is not null"
        " and nin in (select nin from preg_person) order by nin limit 1",
    )
    page = _ask(served, "person", {"nin": nin}).text
    (row,) = re.findall(r'<tr class="differs">.*?</tr>', page, re.DOTALL)[:1]
    assert "≠" in row
    assert other in page
    assert "unexplained" in page
    assert "uforklart" in page


def test_another_site_cannot_ask_through_a_browser(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    (nin,) = _row(database, "select min(nin) from preg_person")
    before = len(_logged(served))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert _ask(served, "person", {"nin": nin}, **headers).status_code == 403
    assert len(_logged(served)) == before
    assert _ask(served, "person", {"nin": nin}, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert len(_logged(served)) == before + 1


def test_every_look_is_in_the_log(served: Served, database: duckdb.DuckDBPyConnection) -> None:
    (nin,) = _row(database, "select min(nin) from preg_person")
    _ask(served, "person", {"nin": nin})
    last = _logged(served)[-1]
    assert last["interface"] == "support"
    assert last["operation"] == "person"
    assert nin not in json.dumps(last)


def test_a_text_that_is_sought_is_text(served: Served) -> None:
    page = _ask(served, "search", {"name": '"><script>alert(1)</script>', "place": "\x1b[31m\u202e"})
    assert "<script" not in page.text
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["search", "person"]))
def test_no_form_is_a_mistake_of_the_service(served: Served, body: bytes, path: str) -> None:
    answer = served.http.post(f"/support/{path}", content=body, auth=served.by(WIDEST))
    assert answer.status_code in (200, 400, 404)
    assert "<h1>" in answer.text
