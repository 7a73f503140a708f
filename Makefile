# Needs Python 3.11 or newer and nothing else. `make help` lists the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
SIMULATOR_PORT ?= 8001
ARGS ?=
# Test processes side by side.
JOBS ?= 2
# Packages are compiled at installation, or every start would pay for it.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help env run test lint types imports check format shell requirements bench chaos clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3."; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11; set PYTHON=/path/to/python3.11."; exit 2; }
	@"$(PYTHON)" -m venv $(VENV) || { echo "Python has no venv module here (Debian: apt-get install python3-venv)."; exit 2; }

$(VENV)/runtime: requirements/base.txt | $(VENV)/bin/python
	@echo "Installing …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(VENV)/development: requirements/development.txt | $(VENV)/bin/python
	@echo "Installing …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@ $(VENV)/runtime

env: | $(VENV)/bin/python ## write .env with fresh secrets, if there is none
	@$(BIN)/python -m config.write_env

run: $(VENV)/runtime env ## everything at http://127.0.0.1:8000 with the demo shops (PORT=, SIMULATOR_PORT=)
	@set -a; . ./.env; set +a; exec $(BIN)/python manage.py up --demo --port $(PORT) --simulator-port $(SIMULATOR_PORT)

test: $(VENV)/development ## the tests; ARGS="-k name" narrows them, JOBS=1 shows them one by one
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: $(VENV)/development ## ruff: format and rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(VENV)/development ## mypy, strict
	@$(BIN)/mypy .

imports: $(VENV)/development ## who may import whom
	@$(BIN)/lint-imports

check: lint types imports ## lint, types, import rules, migrations
	@SHOPDESK_ENV_FILE= DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/development ## rewrite the files as ruff likes them
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

shell: $(VENV)/runtime env ## a Python shell with the models loaded
	@$(BIN)/python manage.py shell

requirements: $(VENV)/development ## compile requirements/*.txt from pyproject.toml
	@$(BIN)/python -m requirements.compile

bench: $(VENV)/development ## the programs in benchmarks/, each printing ratios
	@set -e; for program in benchmarks/[a-z]*.py; do echo "== $$program"; $(BIN)/python $$program; done

chaos: $(VENV)/development ## orders while all is broken at random (ORDERS=1000, FAULTS=web,shut …, DATABASE_URL=, RESTART=)
	@$(BIN)/python -m benchmarks.chaos $(ORDERS) $(if $(FAULTS),--faults $(FAULTS)) $(if $(RESTART),--restart '$(RESTART)')

clean: ## remove the environment and the data of `make run`
	rm -rf $(VENV) var staticfiles
