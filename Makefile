# `make backtest` and `make verify` work on a fresh checkout: each sets up what it needs in .venv, once.

# Without byte code every start pays for compiling the whole product again.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONHASHSEED ?= 0

PYTHON ?= python3
BIN := .venv/bin
RUN := build/trace/run.json
CONFIG ?= examples/btc_momentum.toml

.DEFAULT_GOAL := help

.PHONY: help
help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# ---------------------------------------------------------------- set-up
# A stamp holds the hash of the lock file that was installed, so that a changed lock installs again.
RUNTIME_STAMP := .venv/.runtime-$(shell sha256sum requirements/runtime.lock pyproject.toml | sha256sum | cut -c1-12)
DEV_STAMP := .venv/.dev-$(shell sha256sum requirements/dev.lock pyproject.toml | sha256sum | cut -c1-12)

.PHONY: setup setup-dev setup-system lock
setup: $(RUNTIME_STAMP) ## Make .venv with what a user needs

setup-dev: $(DEV_STAMP) ## Make .venv with what the proofs need

setup-system: ## Install the system packages that some proofs need (apt)
	@bash requirements/system.sh

# uv where there is one, pip otherwise; both refuse what the lock file does not hash.
$(RUNTIME_STAMP):
	@bash requirements/install.sh runtime "$(PYTHON)" && touch $@

$(DEV_STAMP):
	@bash requirements/install.sh dev "$(PYTHON)" && touch $@ $(RUNTIME_STAMP)

lock: ## Resolve the locks again (needs uv)
	@bash requirements/lock.sh

# ---------------------------------------------------------------- use
.PHONY: backtest
backtest: setup ## Run a real backtest on the bundled data; CONFIG=FILE for another
	@$(BIN)/veracity backtest -c $(CONFIG)

.PHONY: study
study: setup ## Run the worked study of docs/study again and write its results
	@$(BIN)/python docs/study/run.py

.PHONY: bench-peers
bench-peers: setup ## Install other engines beside this one, give all the same task, print the table; ROUNDS=3 BARS=100000
	@$(BIN)/python -m bench.peers.run --rounds $(or $(ROUNDS),3) --bars $(or $(BARS),100000)

# ---------------------------------------------------------------- proofs
.PHONY: gen gen-check fix lint types contracts test trace evidence verify
gen: setup-dev ## Generate models and tables from schemas and specs
	@$(BIN)/python -m veracity_gen

gen-check: setup-dev ## Fail where generated code is not what its sources say
	@$(BIN)/python -m veracity_gen --check

fix: setup-dev ## Format, and repair what the linter can
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lint: setup-dev ## Style and banned calls; changes nothing
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup-dev ## mypy, strict
	@$(BIN)/mypy

contracts: setup-dev ## Who may import whom
	@$(BIN)/lint-imports --no-cache --no-logo

test: setup-dev ## All tests and scenarios
	@$(BIN)/python -m pytest --trace-out=$(RUN)

trace: test ## From every ticket to its evidence: build/trace/matrix.{json,md,html}
	@$(BIN)/python -m veracity_trace report

evidence: setup-dev ## Break the claimed code of every claimed ticket and see which test notices: tickets/evidence.json
	@$(BIN)/python -m veracity_trace evidence

.PHONY: proofs
proofs: setup-dev ## Every proof of the journal as a table: cuts, bits, failing disks, power cuts, kills; JSON=1, QUICK=1
	@$(BIN)/python -m bench.journal.proofs $(if $(QUICK),--quick) $(if $(JSON),--json)

verify: setup-dev ## Everything that proves the product; FAST=1 leaves out the slow half
	@bash .ci/verify.sh
