# `make` lists what there is to make.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

CARGO ?= cargo
PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
OUT ?= out

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: dataset
dataset: ## Build a dataset from the shipped fixtures, and name it
	@$(CARGO) build --release
	@$(TARGET)/release/turnset build fixtures/calls --out $(OUT) --overwrite || [ $$? -eq 3 ]

.PHONY: test
test: fmt-check lint clients-env ## Everything CI runs: formatting, lints, tests with real clients
	TURNSET_CLIENTS="$(abspath $(TARGET))/clients-env/bin/python" $(CARGO) test --quiet

.PHONY: fmt-check
fmt-check: ## Check the formatting
	$(CARGO) fmt --check

.PHONY: lint
lint: ## Run clippy
	$(CARGO) clippy --all-targets --quiet -- -D warnings

.PHONY: clients-env
clients-env: $(TARGET)/clients-env/installed ## Install the Python clients that the tests open datasets with

$(TARGET)/clients-env/installed: tests/clients/requirements.txt
	$(PYTHON) -m venv $(TARGET)/clients-env
	$(TARGET)/clients-env/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

.PHONY: golden
golden: ## Write the golden files and the schemas anew; CI fails on any difference
	TURNSET_GOLDEN=write $(CARGO) test --quiet --test all -- golden:: schemas

.PHONY: bench
bench: bench-env ## Compare CPU, wall time and memory with the floor and with Python
	$(CARGO) build --release --bin turnset --example floor --example judging
	$(TARGET)/bench-env/bin/python benches/compare.py --turnset $(TARGET)/release/turnset \
		--floor $(TARGET)/release/examples/floor --calls 40000 --work $(TARGET)/bench || broken=1; \
	$(TARGET)/release/examples/judging $(TARGET)/bench/calls-40000-*.jsonl; \
	exit $${broken:-0}

.PHONY: bench-memory
bench-memory: bench-env ## Measure peak memory on a 2 GB input
	$(CARGO) build --release
	$(TARGET)/bench-env/bin/python benches/compare.py --turnset $(TARGET)/release/turnset \
		--calls 40000 --memory-calls 420000 --work $(TARGET)/bench

CORPORA ?= ../shared/corpora
.PHONY: quality
quality: bench-env ## Score the judges against labelled dialogues in CORPORA
	$(CARGO) build --release
	$(TARGET)/bench-env/bin/python benches/quality.py --turnset $(TARGET)/release/turnset --corpora $(CORPORA)

.PHONY: weights
weights: bench-env ## Train the learned judges anew from the open dialogues in CORPORA
	$(CARGO) build --release --example train
	$(TARGET)/bench-env/bin/python benches/train.py --trainer $(TARGET)/release/examples/train --corpora $(CORPORA) --weights src/judge/learned

.PHONY: bench-env
bench-env: $(TARGET)/bench-env/installed

$(TARGET)/bench-env/installed: benches/requirements.txt
	$(PYTHON) -m venv $(TARGET)/bench-env
	$(TARGET)/bench-env/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
