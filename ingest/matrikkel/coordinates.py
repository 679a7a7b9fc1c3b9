"""Coordinates in one system: EPSG 25833 (UTM 33), from any system that the register delivered them in."""

from __future__ import annotations

import re

import duckdb

UTM_33 = 25833

# The column that names a row's coordinate system.
_SYSTEM = {"matrikkel_adresse": "epsg_kode", "matrikkel_register_adresse": "koordinatsystem"}


def to_utm33(connection: duckdb.DuckDBPyConnection, table: str, delivery_number: int, file_name: str) -> list[str]:
    """Fill `oest_utm33` and `nord_utm33` (metres) of the rows that a file brought to `raw.<table>` in another system.

    A system is named by its EPSG number, alone or in a text (EPSG:25832). The answer says which are not known; the
    points of their rows are left empty.
    """
    written = f"trim({_SYSTEM[table]}::varchar)"
    rows = "delivery_number = $delivery_number and file_name = $file_name and oest is not null and nord is not null"
    given = {"delivery_number": delivery_number, "file_name": file_name}
    unknown: list[str] = []
    systems = connection.execute(
        f"select distinct {written} as system from raw.{table}"
        f" where {rows} and system <> '' and not contains(system, '{UTM_33}') order by system",
        given,
    ).fetchall()
    if not systems:
        return unknown
    # Slow to import, and rarely needed.
    import pandas as pd
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    for (system,) in systems:
        points = connection.execute(
            f"select rowid as row_number, oest::double as oest, nord::double as nord from raw.{table}"
            f" where {rows} and {written} = $system",
            {**given, "system": system},
        ).fetchnumpy()
        try:
            epsg = re.sub(r"^\D*", "", system)
            east, north = Transformer.from_crs(f"EPSG:{epsg}", UTM_33, always_xy=True).transform(
                points["oest"], points["nord"]
            )
        except ProjError:
            unknown.append(f"{file_name}: the coordinate system {system} is not known; its points are not shown")
            continue
        connection.register("moved", pd.DataFrame({"row_number": points["row_number"], "east": east, "north": north}))
        connection.execute(
            f"update raw.{table} set oest_utm33 = east, nord_utm33 = north from moved"
            f" where {table}.rowid = moved.row_number and isfinite(east) and isfinite(north)"
        )
        connection.unregister("moved")
    return unknown
