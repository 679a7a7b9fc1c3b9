# make run | test | dev: each does its own set-up; a second call is quick and needs no network.
.DEFAULT_GOAL := help
SHELL := /bin/bash

VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SUPPLY_CHAIN := $(VENV)/supply_chain/.installed

LANDING ?= data/landing
DATA ?= data
PERSONS ?= 20000
DAYS ?= 3
SEED ?= 1

# Models that are generated from a seed are linted as they come out: that needs a warehouse in which the seed is.
LINT_WAREHOUSE := data/lint/warehouse.duckdb

# No tool of ours reports home.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

.PHONY: help install run dev serve bench-services notebook test test-long lint lint-sql format lock dictionary docs checks contract browser postgresql bench bench-daily bench-national bench-check bench-check-again bench-enrichment bench-comparison bench-feed sbom audit secrets clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14

install: $(INSTALLED) ## Create the virtual environment

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

run: $(INSTALLED) ## Build and publish a release (makes sample deliveries when LANDING is empty)
	@if [ -z "$$(find $(LANDING) -mindepth 3 -name manifest.json -print -quit 2>/dev/null)" ]; then \
		$(BIN)/preg sample --persons $(PERSONS) --days $(DAYS) --seed $(SEED) --out $(LANDING); fi
	@$(BIN)/preg run --landing $(LANDING) --data $(DATA)

dev: $(INSTALLED) ## Open the Dagster UI on http://localhost:3000
	$(BIN)/preg dev --landing $(LANDING) --data $(DATA)

serve: $(INSTALLED) ## A test environment of the services: synthetic persons, a client per access profile; https://localhost:8443
	$(BIN)/preg serve --sample

bench-services: $(INSTALLED) ## Measure the services against a bare handler over the same store (DATA: a built directory)
	$(BIN)/python -m benchmarks.services --data $(DATA)

notebook: $(INSTALLED) ## Open the example notebook: ten questions to the current release
	PREG_DATA_DIR=$(abspath $(DATA)) $(BIN)/marimo edit notebooks/ten_questions.py

test: $(INSTALLED) ## The test suite (under ten minutes)
	$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

test-long: $(INSTALLED) browser postgresql ## The tests that take longer: processes killed, pages in a browser
	$(BIN)/pytest -n 2 --dist loadgroup -m slow

dictionary: $(INSTALLED) ## Write docs/data-dictionary.md and the columns in the models' YAML again from the field mapping
	$(BIN)/preg dictionary > docs/data-dictionary.md
	$(BIN)/preg columns

docs: $(INSTALLED) ## The models as one page, data/docs.html: columns, SQL, lineage (after make run)
	$(BIN)/preg docs

contract: $(LINT_WAREHOUSE) ## Write the views' contract (a change needs a line in view_versions.csv) and the columns' lineage again
	$(BIN)/preg release contract --data data/lint > publication/candidate/view_contract.csv
	$(BIN)/preg release lineage --data data/lint > publication/reports/column_lineage.csv

checks: $(INSTALLED) ## Write docs/checks.md again from the catalogue of checks
	$(BIN)/preg gate list --markdown > docs/checks.md

postgresql: ## Install Debian's PostgreSQL when it is missing
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || (apt-get update -qq && apt-get install -y -qq postgresql)

browser: ## Install the system's Chromium when it is missing
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)

lint: $(INSTALLED) lint-sql ## Ruff, mypy and SQLFluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(LINT_WAREHOUSE): $(INSTALLED) $(shell git ls-files dbt_project ingest/contracts 2>/dev/null)
	$(BIN)/preg run --landing data/sample/landing --data data/lint
	touch $@

lint-sql: $(INSTALLED) $(LINT_WAREHOUSE) ## SQLFluff on the models as dbt compiles them
	PREG_WAREHOUSE=$(abspath $(LINT_WAREHOUSE)) $(BIN)/sqlfluff lint dbt_project/models dbt_project/tests

format: $(INSTALLED) $(LINT_WAREHOUSE) ## Format Python and SQL
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	PREG_WAREHOUSE=$(abspath $(LINT_WAREHOUSE)) $(BIN)/sqlfluff fix dbt_project/models dbt_project/tests

bench: $(INSTALLED) ## Measure a run of a million persons, step by step
	$(BIN)/python -m benchmarks.full_run --persons 1000000 --days 1

bench-daily: $(INSTALLED) ## Measure a daily delivery and a reform compared with a build of everything, a million persons
	$(BIN)/python -m benchmarks.daily_delivery --persons 1000000

bench-national: $(INSTALLED) ## Measure a national register: everything, 30 days, a reform (hours; 20 GiB of disk)
	$(BIN)/python -m benchmarks.national --json benchmarks/national.json

bench-check: $(INSTALLED) ## A hundredth of bench-national; fails where a run has grown by a quarter, as a ratio to the unit
	$(BIN)/python -m benchmarks.national --persons 68000 --days 2 --against benchmarks/hundredth.json

bench-check-again: $(INSTALLED) ## Measure anew what bench-check compares with
	$(BIN)/python -m benchmarks.national --persons 68000 --days 2 --json benchmarks/hundredth.json

bench-enrichment: $(INSTALLED) ## Measure finding a million grunnkretser compared with a hash join (DATA: a built directory)
	$(BIN)/python -m benchmarks.enrichment --data $(DATA)

bench-comparison: $(INSTALLED) ## Measure the comparison against a scan and other tools (DATA: a built directory)
	$(BIN)/python -m pip install --quiet --target $(VENV)/bench datacompy==1.1.0
	PYTHONPATH=$(VENV)/bench $(BIN)/python -m benchmarks.comparison --data $(DATA)

bench-feed: $(INSTALLED) ## Measure the feed client against a bare HTTPX loop
	$(BIN)/python -m benchmarks.feed_client

lock: ## Resolve the dependencies again
	$(PYTHON) -m pip install --quiet uv
	uv pip compile --quiet --generate-hashes --python-version 3.11 --universal \
		--extra dev --extra postgres --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --generate-hashes --python-version 3.11 --universal \
		--output-file deploy/supply_chain.lock deploy/supply_chain.in

$(SUPPLY_CHAIN): $(INSTALLED) deploy/supply_chain.lock
	$(PYTHON) -m venv $(dir $@)
	$(dir $@)bin/python -m pip install --quiet --no-deps --require-hashes -r deploy/supply_chain.lock
	touch $@

sbom: $(SUPPLY_CHAIN) ## Write the bill of materials of what is installed (CycloneDX) to build/sbom.cdx.json
	@mkdir -p build
	$(dir $(SUPPLY_CHAIN))bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --of JSON --output-file build/sbom.cdx.json

audit: $(SUPPLY_CHAIN) ## Ask the advisory database for holes in what is pinned (where it can be reached)
	$(dir $(SUPPLY_CHAIN))bin/python deploy/audit.py

secrets: $(INSTALLED) ## Look for secrets in what git tracks
	@mkdir -p build && cp .secrets.baseline build/secrets.baseline
	@# Status 3 is a baseline whose line numbers have moved: the copy's.
	$(BIN)/detect-secrets-hook --baseline build/secrets.baseline $$(git ls-files | grep -v '^.secrets.baseline$$') || [ $$? -eq 3 ]

clean: ## Remove what the next run makes again; deliveries and releases stay (preg release withdraw)
	rm -rf data/lint $(DATA)/warehouse.duckdb* $(DATA)/work $(DATA)/dagster dbt_project/target dbt_project/logs
