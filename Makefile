# What CI runs and what a person runs are the same targets; `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-postgres lint fix docs reference validation fuzz bench bench-screening site oldest lock changelog clean

# Paths stay relative: make cannot handle a folder whose path has spaces.
ENVIRONMENT := @scripts/environment.sh
RUN := .venv/bin
# A whole run uses every core, each with one thread; a part of it starts faster without helpers.
WHOLE := -q -n auto --dist worksteal
export OPENBLAS_NUM_THREADS ?= 1

help: ## lists these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

demo: ## checks and builds the sciatica example and tells where the page is
	$(ENVIRONMENT) runtime
	@$(RUN)/osler demo

test: ## runs every test, those in a real browser too (some of them: make test ARGS="-k pool")
	$(ENVIRONMENT) dev
	@scripts/browser.sh
	@$(RUN)/python -m pytest $(or $(ARGS),$(WHOLE))

test-postgres: ## the site's tests on PostgreSQL, which is installed where it is missing (as root)
	$(ENVIRONMENT) dev
	@scripts/postgres.sh $(RUN)/python -m pytest $(WHOLE) tests/web $(ARGS)

lint: ## ruff, mypy --strict, the import contract, requirements in step
	$(ENVIRONMENT) dev
	@$(RUN)/ruff check
	@$(RUN)/ruff format --check
	@$(RUN)/mypy
	@$(RUN)/lint-imports
	@$(RUN)/python scripts/requirements_in_step.py

fix: ## mends what the linters can mend by themselves
	$(ENVIRONMENT) dev
	@$(RUN)/ruff check --fix
	@$(RUN)/ruff format

docs: ## builds the documentation into docs/_build/html; warnings are errors
	$(ENVIRONMENT) dev
	@$(RUN)/python -m sphinx -W --keep-going -q -j auto -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

reference: ## computes the values in tests/reference anew with R
	@command -v Rscript >/dev/null || { echo "R is missing: apt-get install r-base-core r-cran-metafor r-cran-jsonlite (only make reference needs it)"; exit 2; }
	@set -e; for script in tests/reference/make_reference.R tests/reference/*/make*.R; do \
		echo "$$script"; Rscript $$script; done

validation: ## simulates whether intervals keep their promise; a quarter of an hour, not part of the tests
	$(ENVIRONMENT) dev
	@OPENBLAS_NUM_THREADS=1 $(RUN)/python -m validation

fuzz: ## pages out of random bytes for a minute (needs atheris; see validation/README.md)
	$(ENVIRONMENT) dev
	@$(RUN)/python -m validation.fuzz_pages $(ARGS)

bench: ## times Osler beside metafor, PyMARE and pimeta (ARGS=pooling: one part of it)
	$(ENVIRONMENT) runtime
	@scripts/bench.sh $(ARGS)

bench-screening: ## replays screening on sets with known answers (ARGS="FOLDER --starts 5 --beside-plain")
	$(ENVIRONMENT) dev
	@$(RUN)/python -m bench.screening $(ARGS)

site: ## starts the clinic's site on the example
	$(ENVIRONMENT) dev
	@$(RUN)/osler site examples/sciatica $(ARGS)

oldest: ## runs the tests on the oldest versions of everything that Osler supports
	@scripts/browser.sh
	@scripts/oldest.sh $(ARGS)

lock: ## brings requirements/*.txt in step with pyproject.toml (ARGS=--upgrade: newest versions)
	$(ENVIRONMENT) dev
	@scripts/lock.sh $(ARGS)

changelog: ## shows the release notes that the fragments in changes/ would make
	$(ENVIRONMENT) dev
	@$(RUN)/towncrier build --draft

clean: ## removes everything that was made, the environment too
	rm -rf .venv .venv-oldest .venv-bench build dist docs/_build docs/reference/generated examples/*/build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests bench docs examples -name __pycache__ -type d -prune -exec rm -rf {} +
