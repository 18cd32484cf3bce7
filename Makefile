.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
STAGE ?= Dev-eu-west-1
# Byte code is kept, whatever the shell says: nothing is compiled twice.
export PYTHONDONTWRITEBYTECODE :=
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

LAYERS := $(wildcard lambda_src/requirements-*.txt)

$(INSTALLED): install.py requirements.txt package.json package-lock.json .npmrc $(LAYERS)
	@$(PYTHON) install.py
	@touch $@

$(INSTALLED_DEV): install.py requirements.txt requirements-dev.txt package.json package-lock.json .npmrc $(LAYERS)
	@$(PYTHON) install.py --dev
	@touch $(INSTALLED) $@

.PHONY: install
install: $(INSTALLED_DEV)  ## the venv, the Python packages, Node, the CDK CLI, the functions' layers

.PHONY: demo
demo: $(INSTALLED)  ## deploy onto the local cloud, retrain the use cases, show what people get
	$(BIN)/python -m local_cloud demo

CSV ?= .
.PHONY: demo-csv
demo-csv: $(INSTALLED_DEV)  ## lists and metrics of your own CSV or Parquet files: make demo-csv CSV=FOLDER [OPTIONS="--column USER_ID=buyer"]
	$(BIN)/python -m engine look '$(CSV)' $(OPTIONS)

.PHONY: demo-migration
demo-migration: $(INSTALLED)  ## simulated people, day by day: from a heuristic over Personalize to the own model
	$(BIN)/python -m local_cloud demo-migration

.PHONY: drill
drill: $(INSTALLED)  ## two regions under traffic: one is lost, the other takes over, the first comes back
	$(BIN)/python -m local_cloud drill

.PHONY: up down status
up: $(INSTALLED)  ## start the local cloud and deploy onto it (again: deploy what changed)
	$(BIN)/python -m local_cloud up
down: $(INSTALLED)  ## stop the local cloud and remove its state
	$(BIN)/python -m local_cloud down
status: $(INSTALLED)  ## what of the local cloud is running
	$(BIN)/python -m local_cloud status

.PHONY: test
test: style  ## style, types and every test
	$(MAKE) --no-print-directory --jobs 2 types tests

# A first look at all types takes a minute and a half of one core, while tests wait for other processes.
.PHONY: style types tests
style: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types: $(INSTALLED_DEV)
	$(BIN)/mypy
tests: $(INSTALLED_DEV)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: prove
prove: $(INSTALLED_DEV)  ## what takes long, or needs a package index or GitHub: storms, verification, wheels, JSONata's own suite
	$(BIN)/python -m pytest --override-ini addopts= --import-mode=importlib -ra --timeout 1800 tests/prove
	$(BIN)/python -m pytest -m prove -ra --timeout 1800 tests
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile prove -ra --timeout 1800 tests

.PHONY: check
check: style types  ## style and types only

.PHONY: synth
synth: $(INSTALLED)  ## every stage and region into cdk.out
	cdk synth --quiet '**'

.PHONY: snapshots
snapshots: $(INSTALLED_DEV)  ## rewrite what is made of the configuration: template snapshots, workflow files; read the git diff
	CDK_VALIDATION=false $(BIN)/python -m tests.app.support.snapshots
	$(BIN)/python -m delivery files
	git --no-pager diff --stat

BASE ?= origin/main
HEAD ?= .
.PHONY: review
review: $(INSTALLED)  ## what a change does to what is deployed: make review BASE=origin/main [HEAD=...] [OPTIONS=...]
	$(BIN)/python -m review '$(BASE)' '$(HEAD)' $(OPTIONS)

.PHONY: rooms
rooms: $(INSTALLED_DEV)  ## rewrite the pages that are made of the code: docs/rooms.md, docs/constructs.md, docs/region-switch.md, docs/costs.md, docs/review.md
	$(BIN)/python -m tests.house.page
	$(BIN)/python -m tests.house.constructs_page
	$(BIN)/python -m operations.regions.runbook
	RECS_CONFIG=tests/app/support/business $(BIN)/python -m costs page > docs/costs.md.new && mv docs/costs.md.new docs/costs.md
	$(BIN)/python -m review.report.page

.PHONY: client
client: $(INSTALLED_DEV)  ## rewrite what is made of the TypeScript client's sources: types of the API's description, JavaScript
	PYTHONPATH=lambda_src $(BIN)/python -m tests.client.support.made

.PHONY: costs
costs: $(INSTALLED)  ## what a stage costs a month: make costs [OPTIONS="--stage dev --people 100000"]
	$(BIN)/python -m costs $(OPTIONS)

.PHONY: workflows
workflows: $(INSTALLED)  ## rewrite the workflow files of GitHub and GitLab, and the templates of their roles
	$(BIN)/python -m delivery files

.PHONY: diff deploy
diff: $(INSTALLED)  ## what a deployment would change: make diff STAGE=Dev-eu-west-1
	cdk diff --method=template '$(STAGE)/*'
deploy: $(INSTALLED)  ## deploy one stage and region: make deploy STAGE=Dev-eu-west-1
	cdk deploy '$(STAGE)/*'

.PHONY: verify-aws
verify-aws: $(INSTALLED)  ## deploy a small stage into your account, check beliefs, remove it: STAGE=... [DATABASE=none]
	$(BIN)/python -m verification --stage '$(STAGE)' --database $(or $(DATABASE),stage) $(OPTIONS)

.PHONY: bench
bench: $(INSTALLED_DEV)  ## benchmarks; figures are printed, nothing is asserted
	$(BIN)/python -m benchmarks

.PHONY: bench-engine
bench-engine: $(INSTALLED_DEV)  ## the engine's quality on MovieLens 100K, then its speed and memory by size
	$(BIN)/python -m benchmarks.engines.movielens
	$(BIN)/python -m benchmarks.engines.sizes

.PHONY: bench-server
bench-server: $(INSTALLED_DEV)  ## the Personalize server under load: recommendations, events, its start
	$(BIN)/python -m benchmarks.personalize_server

.PHONY: bench-gateway
bench-gateway: $(INSTALLED_DEV)  ## 100 users at once, 10,000 requests through the gateway of a local cloud of its own
	$(BIN)/python -m benchmarks.gateway

.PHONY: requirements
requirements: $(INSTALLED_DEV)  ## pin requirements.txt and requirements-dev.txt again from pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --no-annotate --no-header --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --extra dev --strip-extras --no-annotate --no-header --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --constraint requirements.txt \
	  --output-file requirements-dev.txt pyproject.toml
