# Set-up, run and checks. A newcomer only needs `make run`; see README.md.
# GNU make 3.81, the version in macOS, is sufficient.

PYTHON = .venv/bin/python
DEMO ?= 1
COMMIT ?= HEAD
ARGS ?=
SCALE ?=
# The variables that the production settings need besides a database; the keys are made on the spot.
PRODUCTION = DJANGO_SETTINGS_MODULE=config.settings.base SECRET_KEY=$$($(PYTHON) -c \
	'import secrets; print(secrets.token_urlsafe(64))') ALLOWED_HOSTS=xuetang.example \
	ENCRYPTION_KEYS=v1:$$($(PYTHON) -c 'import base64, secrets; \
	print(base64.b64encode(secrets.token_bytes(32)).decode())') DEMO=0 DEBUG=0

# TypeScript, which checks the types of static/js; it makes nothing that is served.
TYPESCRIPT = tests/js/node_modules/.package-lock.json

.DEFAULT_GOAL = help

.PHONY: run test coverage audit check bench bench-backups bench-month bundle setup help

help:
	@echo 'make run     set up if need be and serve http://127.0.0.1:8000 (PORT=… changes it)'
	@echo 'make test    all tests; ARGS="-k ledger -x" goes to pytest'
	@echo 'make coverage  all tests, and how much of the code they reach'
	@echo 'make check   linter, format, types, contracts, migrations, translations, deployment'
	@echo 'make bench   the benchmarks; SCALE=city overview and reconciliation of 1.2 million members;'
	@echo '             bench-backups those of backup and restore;'
	@echo '             bench-month a month of random acts, and what holds after it'
	@echo 'make audit   known weaknesses of the locked packages, or that it could not be asked'
	@echo 'make bundle  the portal and its packages as one archive for a server without internet'
	@echo 'make setup   only the set-up: uv, .venv, translations'

setup:
	@bin/setup

run: setup
	@DEMO=$(DEMO) exec $(PYTHON) -m dev.run

test: setup
	@exec $(PYTHON) -m pytest $(ARGS)

# sys.monitoring, which costs little; only the code of the tests' own processes is seen.
coverage: setup
	@COVERAGE_CORE=sysmon exec $(PYTHON) -m pytest --cov --cov-report=term:skip-covered $(ARGS)

bench: setup
	@exec $(PYTHON) -m tests.bench $(SCALE)

bench-backups: setup
	@exec $(PYTHON) -m tests.bench backups

bench-month: setup
	@exec $(PYTHON) -m tests.bench month

audit: setup
	@bin/audit

bundle: setup
	@bin/bundle $(COMMIT)

$(TYPESCRIPT): tests/js/package.json tests/js/package-lock.json | setup
	@echo 'Installing what tests/js/package-lock.json names …'
	@.venv/bin/npm ci --prefix tests/js --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || \
		{ echo 'TypeScript could not be fetched: the check needs the npm registry once.' >&2; exit 1; }
	@touch $@

check: setup $(TYPESCRIPT)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy .
	.venv/bin/node tests/js/node_modules/typescript/bin/tsc --project tests/js
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -q -o addopts= --ds=config.settings.check tests/architecture
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check_translations
	@echo '$(PYTHON) manage.py check --deploy --fail-level WARNING   # with config.settings.base'
	@$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
