PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install demo test slow check format lint types imports locales locales-check readability study eval bench fuzz torture lock clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "This needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv). Choose one with: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

install: $(STAMP)  ## a .venv with the screener command

demo: install  ## try it: participants and coordinators side by side in a browser, nothing else needed
	$(BIN)/screener demo

test: install  ## all tests but the slow ones
	$(BIN)/pytest -n auto --dist worksteal

slow: install  ## tests of whole programs killed, frozen and deployed, and everything on PostgreSQL
	$(BIN)/pytest -n auto --dist worksteal -m slow

check: format lint types imports locales-check readability study test slow  ## everything a change must pass

format: install
	$(BIN)/ruff format --check .

lint: install
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

locales: install  ## extract all texts for translators and update the catalogs
	$(BIN)/screener locales

locales-check: install
	$(BIN)/screener locales --check

readability: install  ## how hard the texts are to read, by language
	$(BIN)/python -m tests.readability

study: install
	$(BIN)/screener check

eval: install  ## how well typed answers are understood
	$(BIN)/python -m tests.evaluation.report

bench: install  ## how fast it is beside others of its kind, to artifacts/bench/ (QUICK=1: a rough minute)
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

fuzz: install  ## odd inputs for the reader and Telegram's door, guided by coverage, ten minutes each (MINUTES=1: a try)
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10)

torture: install  ## people screen themselves while everything fails: killed, cut off, full; 500 in each of three forms
	$(BIN)/python -m tests.torture --seed $(or $(SEED),1) --conversations $(or $(CONVERSATIONS),500)
	$(BIN)/python -m tests.torture --seed $(or $(SEED),1) --conversations $(or $(CONVERSATIONS),500) --workers 2 --postgres
	$(BIN)/python -m tests.torture --seed $(or $(SEED),1) --conversations $(or $(CONVERSATIONS),500) --workers 2 --postgres --webhook

lock:  ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock

clean:  ## remove what was installed or made
	rm -rf $(VENV) .bench-venv .fuzz-venv artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis
