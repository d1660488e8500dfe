# Everything a newcomer needs; `make` alone tells what there is.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.txt

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/demo.stamp: pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with make PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3-venv is needed: apt install python3-venv"; exit 2; }
	$(PIP) -e '.[dashboard]'
	$(BIN)/python -m compileall -q engagedb ingest transforms lake dashboards
	@touch $@

.venv/dev.stamp: .venv/demo.stamp
	$(PIP) -e '.[aws,dashboard,dev]'
	@touch $@

demo: .venv/demo.stamp  ## a synthetic week: generate, ingest, report, dashboard (DASHBOARD=0 ends before it)
	$(BIN)/engagedb demo $(if $(filter 0,$(DASHBOARD)),--no-dashboard)
test: .venv/dev.stamp  ## run the tests
	$(BIN)/python -m pytest -n 2

check: .venv/dev.stamp  ## ruff, mypy, templates, marts, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/engagedb templates check
	$(BIN)/python -m pytest -n 2
dashboard: .venv/demo.stamp  ## serve the dashboard of the demo's lake
	$(BIN)/engagedb dashboard --lake demo/lake
bench: .venv/dev.stamp  ## measure every stage, and print the figures
	$(BIN)/python -m tests.benchmark
torture: .venv/dev.stamp  ## kill, race and redeliver, and compare (takes long)
	$(BIN)/python -m tests.torture --kills 200 --events 20000 --place .torture
	$(BIN)/python -m tests.torture.two_at_once && $(BIN)/python -m tests.torture.redelivery --events 500000
fuzz: .venv/dev.stamp  ## fuzz the way of a record (SECONDS=60 for each target)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)
.PHONY: help demo test check dashboard bench torture fuzz
