# xinyong: everything a working day needs. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
JOBS ?= 2
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 60
BIN := .venv/bin
STAMP := .venv/.stamp

.PHONY: help demo test check bench bench-lab bench-service soak nightly fuzz format lock clean

help: ## list the targets
	@echo "xinyong: make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

$(STAMP): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh tools/venv.sh

# The name the environment is known by outside this file.
.PHONY: venv
venv: $(STAMP) ## make or mend .venv

demo: $(STAMP) ## run the demo town
	@$(BIN)/xinyong demo

# Fast tests come first: pytest is told so by the hook in tests/conftest.py.
test: $(STAMP) ## run all tests, then the engine tests once more without numba
	@echo "xinyong: tests"
	@$(BIN)/python -m pytest -n $(JOBS) -q $(PYTEST_ARGS)
	@echo "xinyong: engine tests without numba"
	@XINYONG_ENGINE=numpy $(BIN)/python -m pytest -n $(JOBS) -q $(PYTEST_ARGS) tests/engine

check: $(STAMP) ## lint, format, types, import contracts
	@echo "xinyong: ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@echo "xinyong: mypy"
	@$(BIN)/python -m mypy
	@echo "xinyong: import contracts"
	@$(BIN)/lint-imports --no-logo

format: $(STAMP) ## let ruff rewrite what it can
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: $(STAMP) ## measure speed
	@$(BIN)/python bench/run.py

PEERS := bench/out/peers

$(PEERS)/bin/python:
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet "mesa>=3.3,<4" "mesa-frames==0.1.0a0"

bench-lab: $(STAMP) $(PEERS)/bin/python ## measure the lab's wealth exchange against Mesa and mesa-frames
	@$(BIN)/python bench/lab_lending.py
	@$(BIN)/python bench/lab_society.py
	@$(BIN)/python bench/lab_exchange.py

bench-service: $(STAMP) ## measure the HTTP service against a bare "hello", on both stores
	@$(BIN)/python bench/service.py --store sqlite
	@$(BIN)/python bench/service.py --store postgresql
	@$(BIN)/python bench/ledger.py

soak: $(STAMP) ## ten minutes of load with kill -9 every half a minute, on both stores
	@$(BIN)/python bench/soak.py --store sqlite
	@$(BIN)/python bench/soak.py --store postgresql

nightly: $(STAMP) ## the store's promises at full length: hours, not minutes
	@XINYONG_CUTS=25 XINYONG_SENT=100000 XINYONG_RACES=100000 XINYONG_FED=1000000 \
		XINYONG_STEPS=200000 XINYONG_API_EXAMPLES=500 \
		$(BIN)/python -m pytest -q tests/records_store tests/service

fuzz: $(STAMP) ## throw random schemes at the engine for FUZZ_SECONDS (60)
	@$(BIN)/python tests/fuzz/run.py --seconds $(FUZZ_SECONDS)

lock: $(STAMP) ## rewrite requirements.lock
	@sh tools/lock.sh

clean: ## delete .venv, caches and output
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@rm -rf build dist out
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "xinyong: clean"
