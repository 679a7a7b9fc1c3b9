"""Ten questions to a release, as a marimo notebook.

Open it with `make notebook`, or run it as a program: `python notebooks/ten_questions.py`. PREG_DATA_DIR says where the
releases are (default: data).
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os
    from pathlib import Path

    import duckdb
    import marimo as mo

    database = Path(os.environ.get("PREG_DATA_DIR", "data")) / "releases" / "current" / "preg.duckdb"
    # A question reads the release and nothing else: no other file, no other database.
    release = duckdb.connect(str(database), read_only=True, config={"enable_external_access": False})

    def ask(question, sql):
        """The question with its answer under it; as a program, printed."""
        answer = release.sql(sql)
        if not mo.running_in_notebook():
            print(f"\n{question}\n{answer}")
        return mo.vstack([mo.md(f"**{question}**"), answer.df()])

    return (ask,)


@app.cell
def _(ask):
    ask(
        "1. How many persons does PREG show, and in which registration status?",
        "select reg_status, count(*) as persons from preg_person group by reg_status order by reg_status",
    )
    return


@app.cell
def _(ask):
    ask(
        "2. Where do they live? The ten largest kommuner.",
        """
        select st, municipality, count(*) as persons
        from preg_address where current_address and st is not null
        group by st, municipality order by persons desc, st limit 10
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "3. How was the grunnkrets of the present addresses found?",
        """
        select enrichment_method, count(*) as addresses
        from preg_address where current_address
        group by enrichment_method order by addresses desc
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "4. Which fields differ most between PREG and Persontjenesten?",
        """
        select entity, field, compared, causes, derived, round(100 * equal / (equal + causes), 2) as per_cent_equal
        from field_comparison_summary where pair = 'preg_persontjenesten' and compared > 0
        order by causes desc, field limit 10
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "5. Of which kinds are the differences?",
        """
        select difference_kind, count(*) as differences, count(distinct nin) as persons
        from field_comparison_differences where pair = 'preg_persontjenesten'
        group by difference_kind order by differences desc
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "6. Whom are they about?",
        """
        select person_class, sum(causes) as differences, sum(derived) as derived, max(compared) as persons
        from field_comparison_by_class where pair = 'preg_persontjenesten'
        group by person_class order by differences desc
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "7. What must a client do to move, and for how many fields?",
        """
        select client_action, count(*) as fields, string_agg(entity || '.' || field, ', ' order by field) as which
        from field_catalogue where system = 'PREG'
        group by client_action order by fields desc
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "8. What does Persontjenesten have that neither PREG nor Freg has?",
        """
        select entity, string_agg(field, ', ' order by field) as properties
        from field_catalogue where system = 'Persontjenesten' and not in_preg and not in_freg
        group by entity order by entity limit 10
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "9. How has the share of equal values moved from release to release?",
        """
        select coalesce(release_id, 'this release') as release, pair,
            round(100 * sum(equal) / sum(equal + causes), 3) as per_cent_equal
        from field_comparison_trend
        where both_blank is not null -- Before, blank against blank was equal.
        group by release_id, published_at, pair order by published_at nulls last, pair
        """,
    )
    return


@app.cell
def _(ask):
    ask(
        "10. What has changed in PREG lately, and by which events?",
        """
        select event, count(distinct nin) as persons, count(*) as changes
        from preg_change_log group by event order by changes desc limit 10
        """,
    )
    return


if __name__ == "__main__":
    app.run()
