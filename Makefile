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
test: fmt-check lint clients browser ## Everything CI runs: formatting, lints, tests with real clients
	TURNSET_CLIENTS="$(abspath $(CLIENTS))" $(CARGO) test --quiet

.PHONY: fmt-check
fmt-check: ## Check the formatting
	$(CARGO) fmt --check

.PHONY: lint
lint: ## Run clippy
	$(CARGO) clippy --all-targets --quiet -- -D warnings

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
.PHONY: browser
browser: ## See to it that there is a Chromium, in which the tests open the report
	@[ -n "$${CHROMIUM:-}" ] || command -v chromium chromium-browser google-chrome > /dev/null || \
		{ $(SUDO) apt-get update -q && $(SUDO) apt-get install -q -y --no-install-recommends chromium; }

CLIENTS := $(TARGET)/clients
READERS := $(patsubst %,$(CLIENTS)/%/installed,main together datasets-2.21 datasets-3.6 datasets-4.8)
.PHONY: clients
clients: $(READERS) $(CLIENTS)/resources/installed ## Install the Python clients that the tests open datasets with

INSTALL = $(@D)/bin/python -m pip install --quiet --disable-pip-version-check
$(READERS) $(CLIENTS)/torch/installed: $(CLIENTS)/%/installed: tests/clients/requirements/%.txt
	$(PYTHON) -m venv --clear $(@D)
	$(INSTALL) -r $<
	touch $@

# Files out of packages that are too large to install, or want what is.
$(CLIENTS)/resources/installed: tests/clients/requirements/resources.txt tests/clients/qwen_tokenizer.py $(CLIENTS)/main/installed
	rm -rf $(@D)
	$(CLIENTS)/main/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --dest $(@D)/wheels -r $<
	for wheel in $(@D)/wheels/*.whl; do $(PYTHON) -m zipfile -e $$wheel $(@D)/unpacked; done
	mv $(@D)/unpacked/trl/chat_templates $(@D)
	$(CLIENTS)/main/bin/python tests/clients/qwen_tokenizer.py $(@D)/unpacked/dashscope/resources/qwen.tiktoken $(@D)/qwen.json
	rm -r $(@D)/wheels $(@D)/unpacked
	touch $@

TRAINERS := llamafactory ms-swift axolotl trl
INSTALLED := $(TRAINERS:%=$(CLIENTS)/full-%/installed)
ALL_CHATS := output.chat=["openai","ms-swift","bailian","sharegpt","alpaca","trl","axolotl","query-response","mistral","together"]
.PHONY: clients-full
clients-full: $(INSTALLED) ## Have the trainers themselves read datasets: before a release, 10 GB
	$(CARGO) build --release
	rm -rf $(CLIENTS)/outs
	mkdir -p $(CLIENTS)/outs
	@build() { $(TARGET)/release/turnset build fixtures/calls --quiet --set '$(ALL_CHATS)' --out "$(CLIENTS)/outs/$$@" || [ $$? -eq 3 ]; }; \
	build plain; \
	build sessions --unit session --system 'Answer briefly.'; \
	build contexts --context all --test 0.3 --validation 0.2
	@for trainer in $(TRAINERS); do \
		log=$(CLIENTS)/full-$$trainer.log; \
		if $(CLIENTS)/full-$$trainer/bin/python tests/clients/full_$${trainer//-/_}.py $(CLIENTS)/outs/{plain,sessions,contexts} > $$log 2>&1; \
		then echo "$$trainer: $$(grep -c '^ok' $$log) checks passed"; \
		else echo "$$trainer failed:"; cat $$log; broken=1; fi; \
	done; exit $${broken:-0}

$(INSTALLED): $(CLIENTS)/full-%/installed: tests/clients/requirements/full-%.txt $(CLIENTS)/torch/installed
	$(PYTHON) -m venv --clear $(@D)
	site='import sysconfig; print(sysconfig.get_path("purelib"))'; \
	$(CLIENTS)/torch/bin/python -c "$$site" > "$$($(@D)/bin/python -c "$$site")/torch.pth"
	$(INSTALL) -r $<
	[ ! -e $(<:.txt=.no-deps.txt) ] || $(INSTALL) --no-deps -r $(<:.txt=.no-deps.txt)
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
