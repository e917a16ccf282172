# The commands of a day. `make run` and `make test` need only python3-venv, git and make.
# Every path is relative, so that the repository may lie in a folder whose name has spaces.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
WORKERS ?= 2
IN := .venv/bin/python -m
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet

help: ## what can be asked
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

run: .venv/run.stamp ## a node on http://localhost:8080, its data in ./data
	@.venv/bin/beffroi serve

demo: .venv/dev.stamp ## two towns and their territory on three nodes, line by line
	@.venv/bin/beffroi demo

test: .venv/dev.stamp ## every test that this machine can run; says at the end what it could not
	@$(IN) pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: format lint types imports drift test ## everything that a change must pass

format: .venv/dev.stamp ## is the code formatted?
	@$(IN) ruff format --check --quiet . || { echo "Not formatted: run 'make fmt'." >&2; exit 1; }

lint: .venv/dev.stamp ## the linter
	@$(IN) ruff check --quiet .

types: .venv/dev.stamp ## strict types
	@$(IN) mypy

imports: .venv/dev.stamp ## the layers: imports point down only
	@.venv/bin/lint-imports --no-logo

drift: .venv/dev.stamp ## do the migrations make what the code reads?
	@$(IN) pytest -q -m drift -p no:cacheprovider --no-header

interop: .venv/dev.stamp .venv-interop/stamp tests/interop/peers/node_modules/.package-lock.json ## foreign implementations against a running node
	@$(IN) pytest tests/interop $(ARGS)

clients: .venv/dev.stamp tests/clients/installed/javascript/node_modules/.package-lock.json tests/clients/installed/.toot/stamp ## applications that are installed for it, against a running node
	@$(IN) pytest tests/clients/installed $(ARGS)

bench: .venv/dev.stamp ## how fast it is here, beside what this machine can do; ARGS=--quick for two minutes
	@$(IN) bench $(ARGS)

faults: .venv/dev.stamp ## kill, restart, fill and move everything under load for five minutes; ARGS='--seconds 30'
	@$(IN) tests.faults.run $(ARGS)

sabotage: .venv/dev.stamp ## cut a rule, and see its test turn red; ARGS=--all for the less important ones too
	@$(IN) tests.sabotage.run $(ARGS)

fmt: .venv/dev.stamp ## format the code and mend what the linter can mend
	@$(IN) ruff format --quiet .
	@$(IN) ruff check --quiet --fix .

clean: ## forget the environment and the caches, never ./data
	rm -rf .venv .venv-interop tests/interop/peers/node_modules tests/clients/installed/javascript/node_modules tests/clients/installed/.toot .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info

# A stamp is younger than the lock it was made from: a changed lock installs again, nothing else does.
.venv/run.stamp: requirements/run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Beffroi needs Python 3.11 or later, and '$(PYTHON)' is not (or not there)." >&2; \
	  echo "On Debian 12 or later: sudo apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing. On Debian: sudo apt install python3-venv" >&2; exit 1; }
	@test -x .venv/bin/python || { echo "Making the environment in .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing what a node needs (requirements/run.lock)"
	@$(PIP) install --require-hashes --requirement requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch .venv/run.stamp

.venv/dev.stamp: requirements/dev.lock .venv/run.stamp
	@echo "Installing what the tests need (requirements/dev.lock)"
	@$(PIP) install --require-hashes --requirement requirements/dev.lock
	@touch .venv/dev.stamp

.venv-interop/stamp: requirements/interop.lock
	@echo "Installing the foreign peers in Python (requirements/interop.lock)"
	@$(PYTHON) -m venv .venv-interop
	@.venv-interop/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/interop.lock
	@touch $@

tests/interop/peers/node_modules/.package-lock.json: tests/interop/peers/package-lock.json
	@command -v npm >/dev/null || { echo "The foreign peers in JavaScript need npm: sudo apt install npm" >&2; exit 1; }
	@echo "Installing the foreign peers in JavaScript (tests/interop/peers/package-lock.json)"
	@cd tests/interop/peers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

tests/clients/installed/javascript/node_modules/.package-lock.json: tests/clients/installed/javascript/package-lock.json
	@command -v npm >/dev/null || { echo "The applications in JavaScript need npm: sudo apt install npm" >&2; exit 1; }
	@echo "Installing the applications in JavaScript (tests/clients/installed/javascript/package-lock.json)"
	@cd tests/clients/installed/javascript && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The very version that is installed, by its hash: what was run and what is tested are the same.
tests/clients/installed/.toot/stamp: requirements/dev.lock .venv/dev.stamp
	@echo "Fetching toot's own tests (requirements/dev.lock)"
	@rm -rf $(@D) && mkdir $(@D)
	@sed -n '/^toot==/,/[^\\]$$/p' requirements/dev.lock >$(@D)/requirement
	@$(PIP) download --no-deps --no-binary toot --require-hashes --requirement $(@D)/requirement --dest $(@D)
	@tar -xzf $(@D)/toot-*.tar.gz -C $(@D) --strip-components=1
	@touch $@

.PHONY: help run demo test check format lint types imports drift interop clients bench faults sabotage fmt clean
