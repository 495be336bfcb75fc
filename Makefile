# `make up` starts a node, `make test` tests it; both do all their set-up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# A node and its tests start some hundred processes: none of them shall compile everything anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: up test lint bench fuzz soak docs lock packages clean help
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

up: $(VENV)/runtime ## start a node here; options of `certwright up` go into ARGS="..."
	@exec $(BIN)/certwright up $(ARGS)

test: $(VENV)/test $(VENV)/windows-python/python.exe packages ## all tests, against real servers and a real browser
	$(BIN)/python -m pytest -m "not alone" -n 3 --dist loadscope --no-loadscope-reorder
	$(BIN)/python -m pytest -m alone

lint: $(VENV)/test ## ruff, mypy (strict) and the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/test packages ## measure, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

fuzz: $(VENV)/test ## search for input that the importers fail on, a minute each; ARGS="--seconds 600 pkcs12"
	$(BIN)/python -m tests.fuzz $(ARGS)

soak: $(VENV)/test packages ## half an hour of renewals under traffic and kills; ARGS="--minutes 5"
	$(BIN)/python -m soak $(ARGS)

docs: $(VENV)/test ## write the pages of docs/ that are made from the code
	$(BIN)/python -m documentation

packages: ## the Debian packages that tests and benchmarks drive
	@sh scripts/debian-packages

lock: ## resolve the dependencies anew
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q \
	  pyproject.toml --group build -o requirements/runtime.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q \
	  pyproject.toml --group build --group test -c requirements/runtime.lock -o requirements/test.lock

$(VENV)/python:
	@sh scripts/virtual-environment $(PYTHON) $(VENV)
	@touch $@

$(VENV)/runtime: $(VENV)/python requirements/runtime.lock pyproject.toml
	$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test: $(VENV)/runtime requirements/test.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements/test.lock
	@touch $@

$(VENV)/windows-python/python.exe: requirements/windows-python.lock scripts/windows-python | $(VENV)/python
	@sh scripts/windows-python $(BIN)/python $(VENV)/windows-python
	@touch $@

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
