# make run: install and read data/raw. make test: install with the test tools, check and test. Nothing else is needed
# but Python 3.11 to 3.13, make and a package registry.

# The first interpreter that runs and is of a supported version; another one: make PYTHON=/path/to/python3.12 run
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint gazetteer test-lowest lock clean

run: $(VENV)/.installed
	@$(BIN)/biaogan run --config configs/default.toml

test: $(VENV)/.installed-dev lint
	@$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

# Compiles the gazetteer anew: make gazetteer SOURCES=/path/to/the/sources
gazetteer: $(VENV)/.installed-dev
	@test -n "$(SOURCES)" || { echo "make gazetteer SOURCES=<folder of the gazetteer's sources>" >&2; exit 2; }
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[build]'
	@$(BIN)/python -m pipeline.gazetteer.build "$(SOURCES)"

# The tests with the oldest versions that pyproject.toml admits; old versions warn of newer ones, which is no fault here.
test-lowest:
	@rm -rf .venv-lowest && $(PYTHON) -m venv .venv-lowest
	@.venv-lowest/bin/pip install --quiet uv
	@.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --editable '.[dev]'
	@.venv-lowest/bin/python -m pytest -W default

# Renews constraints.txt, which every install uses.
lock: $(VENV)/.installed-dev
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --all-extras \
		--no-emit-index-url --no-header --no-annotate --upgrade --output-file constraints.txt

clean:
	rm -rf $(VENV) .venv-lowest build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "biaogan needs Python 3.11, 3.12 or 3.13; none that runs was found on PATH; name it: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing biaogan into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing biaogan and its test tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.installed
