"""Ten questions to a release, as a guide: text, tables, charts, and choices to make.

Open it with `make notebook`, or run it as a program, which prints the answers: `python notebooks/ten_questions.py`.
PREG_DATA_DIR says where the releases are (default: data).
"""

import marimo

app = marimo.App(width="medium", app_title="Ten questions to PREG")


@app.cell
def _():
    import os
    from pathlib import Path

    import altair as alt
    import duckdb
    import marimo as mo

    database = Path(os.environ.get("PREG_DATA_DIR", "data")) / "releases" / "current" / "preg.duckdb"
    # A question reads the release and nothing else: no other file, no other database.
    if not database.exists():
        raise SystemExit(f"There is no release in {database.parent.parent}: make run publishes one.")
    release = duckdb.connect(str(database), read_only=True, config={"enable_external_access": False})
    release.execute("set TimeZone = 'Europe/Oslo'")

    def ask(question, sql, *values):
        """The answer to a question as a data frame; as a program, printed."""
        answer = release.execute(sql, list(values)).df()
        if not mo.running_in_notebook():
            print(f"\n{question}\n{answer.to_string(index=False)}")
        return answer

    def bars(answer, name, number, **words):
        """A bar a row, the longest first."""
        across = alt.X(number, type="quantitative", title=words.get("title", number))
        down = alt.Y(name, type="nominal", sort="-x", title=None, axis=alt.Axis(labelLimit=260))
        return alt.Chart(answer).mark_bar(color="#2f6db5").encode(x=across, y=down, tooltip=list(answer.columns))

    return ask, bars, mo, release


@app.cell
def _(mo, release):
    ((_persons, _until),) = release.execute(
        "select (select count(*) from preg_person), strftime(max(changed_at), '%d %B %Y') from preg_change_log"
    ).fetchall()
    _changed = f"the last change of {_until}" if _until else "without changes so far"
    mo.md(
        f"""
        # Ten questions to PREG

        This is the current release: **{_persons:,} persons**, {_changed}. Every answer is one query; the query stands
        above it, and can be changed. `preg query 'show tables'` tells what else there is, and
        [docs/analysis.md](../docs/analysis.md) explains it.
        """
    )
    return


@app.cell
def _(ask, mo):
    _answer = ask(
        "1. How many persons does PREG show, and in which registration status?",
        """
        select reg_status, reg_status_no, reg_status_en, count(*) as persons
        from preg_person_labelled group by all order by persons desc
        """,
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 1. Who is in the register?

                PREG keeps everybody who ever had a number. Codes have their words in `preg_person_labelled`.
                """
            ),
            _answer,
        ]
    )
    return


@app.cell
def _(ask, bars, mo):
    _answer = ask(
        "2. Where do they live? The ten largest kommuner.",
        """
        select area_name as kommune, women, men, persons
        from population() where area_kind = 'kommune' order by persons desc limit 10
        """,
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 2. Where do they live?

                `population` counts residents with a shown residence, by country, kommune and bydel. Who is protected is
                counted nowhere.
                """
            ),
            bars(_answer, "kommune", "persons"),
        ]
    )
    return


@app.cell
def _(ask, bars, mo):
    _answer = ask(
        "3. How was the grunnkrets of the present addresses found?",
        """
        select enrichment_method, count(*) as addresses
        from preg_address where current_address group by all order by addresses desc
        """,
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 3. How good is the grunnkrets?

                Most addresses carry Matrikkelen's own identifier. `none` is abroad or unknown to Matrikkelen, `hidden`
                is protected; the other ways are in [docs/enrichment.md](../docs/enrichment.md).
                """
            ),
            bars(_answer, "enrichment_method", "addresses"),
        ]
    )
    return


@app.cell
def _(ask, bars, mo):
    _answer = ask(
        "4. Which fields differ most between PREG and Persontjenesten?",
        """
        select entity || '.' || field as field, compared, causes, derived,
            round(100 * equal / (equal + causes), 2) as per_cent_equal
        from field_comparison_summary where pair = 'preg_persontjenesten' and causes > 0
        order by causes desc, field limit 10
        """,
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 4. Where does Persontjenesten differ?

                `causes` are differences of the field itself; those that only follow from another field are `derived`.
                """
            ),
            bars(_answer, "field", "causes", title="differences"),
            _answer,
        ]
    )
    return


@app.cell
def _(ask, bars, mo):
    _answer = ask(
        "5. Of which kinds are the differences?",
        """
        select difference_kind, count(*) as differences, count(distinct nin) as persons
        from field_comparison_differences where pair = 'preg_persontjenesten'
        group by all order by differences desc
        """,
    )
    mo.vstack([mo.md("## 5. Of which kinds are the differences?"), bars(_answer, "difference_kind", "differences")])
    return


@app.cell
def _(ask, mo):
    _answer = ask(
        "6. Whom are they about?",
        """
        select person_class, sum(causes) as differences, sum(derived) as derived, max(compared) as persons
        from field_comparison_by_class where pair = 'preg_persontjenesten'
        group by all order by differences desc
        """,
    )
    mo.vstack([mo.md("## 6. Whom are they about?"), _answer])
    return


@app.cell
def _(mo, release):
    _fields = [
        name
        for (name,) in release.execute(
            "select preg_entity || '.' || preg_field from field_mapping order by preg_entity = 'Person' desc, 1"
        ).fetchall()
    ]
    field = mo.ui.dropdown(_fields, value="Person.RegStatus", label="Field of PREG", searchable=True)
    mo.vstack(
        [
            mo.md(
                """
                ## 7. What must a client do to move?

                Choose a field: where Freg and Persontjenesten have it, and what a client that reads it must do.
                """
            ),
            field,
        ]
    )
    return (field,)


@app.cell
def _(ask, field, mo):
    _answer = ask(
        f"7. What must a client do that reads {field.value}?",
        """
        select preg_type, freg_path, persontjenesten_path, client_action, client_steps, rule, comment
        from field_catalogue where system = 'PREG' and entity || '.' || field = ?
        """,
        field.value,
    )
    mo.ui.table(_answer.T.rename(columns={0: "value"}))
    return


@app.cell
def _(ask, mo):
    _answer = ask(
        "8. What does Persontjenesten have that neither PREG nor Freg has?",
        """
        select entity, string_agg(field, ', ' order by field) as properties
        from field_catalogue where system = 'Persontjenesten' and not in_preg and not in_freg
        group by entity order by entity limit 10
        """,
    )
    mo.vstack([mo.md("## 8. What does Persontjenesten have that the others have not?"), _answer])
    return


@app.cell
def _(mo, release):
    ((_first, _week, _last),) = release.execute(
        """
        select coalesce(min(changed_at)::date, current_date), coalesce(max(changed_at)::date, current_date) - 6,
            coalesce(max(changed_at)::date, current_date)
        from preg_change_log
        """
    ).fetchall()
    days = mo.ui.date_range(
        start=_first, stop=_last, value=(max(_first, _week), _last), label="Days of registration (Oslo)"
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 9. What has happened?

                Choose days. A move between kommuner is told apart from one within; who is hidden is not counted.
                """
            ),
            days,
        ]
    )
    return (days,)


@app.cell
def _(ask, days):
    ask("9. What has happened, day by day?", "from events_by_day(?, ?)", *days.value)
    return


@app.cell
def _(mo):
    number = mo.ui.text(label="Number (any that the person ever had)")
    mo.vstack(
        [
            mo.md(
                """
                ## 10. What was shown of a person, and when did it change?

                The history has each change with the event of Freg that it came from. `preg_person_as_of('2026-01-03')`
                is the whole register as it was shown at the end of a day. Whom you look up here is written nowhere:
                where a look-up must be told, ask `preg person NUMBER --why …`.
                """
            ),
            number,
        ]
    )
    return (number,)


@app.cell
def _(ask, number):
    ask(
        "10. What has changed of a person?",
        """
        select changed_at, event, entity || '.' || field as field, from_value, to_value
        from preg_change_log
        where nin in (select nin from person_number where number = ?)
        order by changed_at desc, field limit 20
        """,
        number.value,
    )
    return


if __name__ == "__main__":
    app.run()
