# Everything installs into .venv; no target needs more than git, make and Python 3.11 or later.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test test-lowest lint format docs bench fuzz clean

FUZZ_SECONDS ?= 120
FUZZ_SEEDS ?= ../shared/data/corpus.zip

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "skcrystal needs Python 3.11 or later; set PYTHON=python3.12, say")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP)  ## train and judge band-gap models on the built-in crystals
	$(BIN)/skcrystal demo

test: $(STAMP)  ## run the tests, one process per core
	$(BIN)/python -m pytest -n auto --dist worksteal

# Libraries of then warn of libraries of now, which says nothing of this package.
test-lowest:  ## run the tests with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check \
		$$($(PYTHON) tools/lowest_versions.py) xgboost-cpu==3.1.1 hypothesis polars pytest pytest-timeout pytest-xdist
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	.venv-lowest/bin/python -m pip check
	.venv-lowest/bin/python -m pytest -n auto --dist worksteal -o filterwarnings=default --disable-warnings

lint: $(STAMP)  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)  ## write the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.docs: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@touch $@

docs: $(VENV)/.docs  ## build the documentation into docs/_build/html; warnings are errors
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -b html docs docs/_build/html
	$(BIN)/python -m pytest -q -n 0 tests/test_docs_pages.py

bench: $(STAMP)  ## measure speed beside the peers and write benchmarks/RESULTS.md
	$(BIN)/python benchmarks/run.py

fuzz: $(STAMP)  ## look for texts that break the readers, for FUZZ_SECONDS each
	$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris
	$(BIN)/python tools/fuzz_cif.py --seconds $(FUZZ_SECONDS) $(if $(wildcard $(FUZZ_SEEDS)),--seeds $(FUZZ_SEEDS))
	$(BIN)/python tools/fuzz_formats.py $(if $(wildcard $(FUZZ_SEEDS)),--seeds $(FUZZ_SEEDS)) -- -max_total_time=$(FUZZ_SECONDS) -max_len=8000
	$(BIN)/python tools/fuzz_files.py -- -max_total_time=$(FUZZ_SECONDS) -max_len=20000

clean:  ## remove what the other targets made
	rm -rf $(VENV) .venv-lowest .venv-peers .venv-graphs .venv-gap skcrystal-demo docs/_build docs/api/generated docs/gallery .mypy_cache .ruff_cache .pytest_cache .hypothesis
