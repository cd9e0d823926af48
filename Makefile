.DEFAULT_GOAL := help
SHELL := /bin/bash
HNDP := .venv/bin/hndp
PYTHON := .venv/bin/python
VENDOR := static/vendor/.complete
TWO_AT_ONCE := --numprocesses=2 --dist=loadfile --no-loadscope-reorder

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.PHONY: setup
setup: .venv/.dev $(VENDOR) camera browser postgres ## install everything, for use and for the tests

.PHONY: serve
serve: .venv/.serve $(VENDOR) camera-if-possible ## install what is needed, and run the studio
	@exec $(HNDP) serve

.PHONY: test
test: .venv/.dev $(VENDOR) camera browser ## run all tests, in the browser too
	$(PYTHON) -m pytest $(TWO_AT_ONCE)

.PHONY: test-postgres
test-postgres: .venv/.dev $(VENDOR) postgres ## run the app's tests on a PostgreSQL server of their own
	scripts/with-postgres.sh $(PYTHON) -m pytest $(TWO_AT_ONCE) tests/app

.PHONY: check
check: .venv/.dev ## check style, types and the direction of imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright --pythonpath $(PYTHON)
	.venv/bin/lint-imports

.PHONY: format
format: .venv/.dev ## put the source into its form
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: results
results: .venv/.dev ## write pages and figures from what the benches recorded
	$(HNDP) results

.PHONY: sample
sample: .venv/.serve camera ## record the sample experiment anew, by the simulated arm and operator
	$(PYTHON) scripts/make_sample.py

.PHONY: docs
docs: results ## build the site of the documentation in site/
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet

.PHONY: lock
lock: .venv/.serve ## pin all packages anew from pyproject.toml and package.json
	scripts/lock.sh

.PHONY: audit
audit: .venv/.serve ## ask which pinned packages have a known vulnerability; needs the internet
	scripts/audit.sh

.PHONY: clean
clean: ## remove all that the set-up and the tests made; the data folder stays
	rm -rf .venv node_modules static/vendor build dist site *.egg-info test-results \
		.pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

# Each mark is newer than what it was made from: an unchanged part of the set-up is skipped.
.venv/.serve: requirements/serve.txt pyproject.toml scripts/environment.sh
	@scripts/environment.sh requirements/serve.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.serve
	@scripts/environment.sh requirements/dev.txt
	@touch $@

$(VENDOR): package.json package-lock.json scripts/front-end.sh | .venv/.serve
	@scripts/front-end.sh
	@touch $@

.PHONY: camera camera-if-possible browser postgres
camera browser postgres:
	@scripts/system-packages.sh $@

camera-if-possible: # without it the web still works, and the cell says what it lacks
	@scripts/system-packages.sh camera || true
