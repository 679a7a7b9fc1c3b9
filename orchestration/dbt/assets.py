"""The models of the warehouse: one Dagster asset per model, one check per dbt test."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from foundation.files import make_private
from ingest.contracts.sources import DOCUMENT_TABLES
from orchestration.dbt.build_plan import plan_build, record_build
from orchestration.dbt.environment import dbt_target, point_dbt_at
from orchestration.dbt.project import group_of_model
from orchestration.progress import listener
from orchestration.resources import WarehouseResource
from orchestration.warm_up import warm_up_gate
from publication.reports.column_lineage import OF_THIS_CODE, read_edges
from quality.owners import LOADING, MIGRATION, PERSONS, owner_of_table, team

# The source of each raw table of documents; those of Matrikkelen have its name.
_SOURCE_OF = {table.name: source for source, table in DOCUMENT_TABLES.items()}


# Who answers for the models of a layer; those of the marts have owners of their own.
_OWNERS = {"staging": LOADING, "seeds": MIGRATION}


class _Translator(DagsterDbtTranslator):
    """Groups the models by layer, and describes where their columns come from, as `preg lineage` does."""

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True,
                # The file of a model, to open from the UI.
                enable_code_references=True,
            )
        )
        self._lineage: dict[dg.AssetKey, dict[str, list[dg.TableColumnDep]]] = {}
        for column, sources in read_edges(OF_THIS_CODE).items():
            table, name = _table_and_column(column)
            deps = [dg.TableColumnDep(*_table_and_column(source)) for source in sources]
            self._lineage.setdefault(table, {})[name] = deps

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer of a model; seeds together."""
        return group_of_model(dict(dbt_resource_props))

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        """Who answers for a model, as for the checks of it."""
        layer = group_of_model(dict(dbt_resource_props))
        name = str(dbt_resource_props["name"])
        return [team(owner_of_table(name) if layer == "marts" else _OWNERS.get(str(layer), PERSONS))]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """What dbt knows of a model, and where its columns come from."""
        metadata = super().get_metadata(dbt_resource_props)
        lineage = self._lineage.get(self.get_asset_key(dbt_resource_props))
        if lineage is None:
            return metadata
        if "dagster/column_schema" not in metadata:
            # A model of a layer that nobody publishes: its columns have names, and no descriptions.
            columns = [dg.TableColumn(name, "") for name in lineage]
            metadata = {**metadata, "dagster/column_schema": dg.TableSchema(columns)}
        # Known without a run: dagster-dbt's fetch_column_metadata reads every model's SQL again in each.
        return {**metadata, "dagster/column_lineage": dg.TableColumnLineage(lineage)}


def _table_and_column(column: str) -> tuple[dg.AssetKey, str]:
    schema, table, name = column.split(".", 2)
    source = _SOURCE_OF.get(table, "matrikkel" if table.startswith("matrikkel_") else "")
    if schema == "raw" and source:
        # The asset of a source represents its tables.
        return dg.AssetKey([schema, source]), f"{table}.{name}"
    return dg.AssetKey([schema, table]), name


def warehouse_models(project: DbtProject) -> dg.AssetsDefinition:
    """Every seed and model of the project, built and tested by one `dbt build`."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="warehouse_models",
        exclude="resource_type:unit_test",
        dagster_dbt_translator=_Translator(),
    )
    def models(context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: WarehouseResource) -> Iterator[Any]:
        settings = warehouse.settings
        # A selection of the models is built whole: what is affected is passed to all of them, or to none.
        plan = plan_build(settings, only_a_part=context.is_subset)
        what = f"everything: {plan.reason}" if plan.whole else f"{plan.new_documents:,} new documents"
        listener().begin(f"build and test the models ({what})")
        context.log.info(what)
        point_dbt_at(settings)
        target = dbt_target(settings)
        shutil.rmtree(target, ignore_errors=True)
        build = dbt.cli(plan.dbt_arguments, context=context, target_path=target)
        warm_up_gate()
        # The parsed project is copied there, with the permissions that it has where it is from.
        make_private(target)
        # Models, seeds and tests: each reports when it has ended.
        nodes = sum(node["resource_type"] in ("model", "seed", "test") for node in build.manifest["nodes"].values())
        for done, event in enumerate(build.stream(), start=1):
            listener().advance(done, nodes)
            yield event
        if not context.is_subset:
            record_build(settings, plan)

    return models
