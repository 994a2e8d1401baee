# Two commands are enough: `make video PROMPT="Why do cats purr?"` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
TOOLS := .venv-tools
# Nothing is installed without its hash, nor built with something that has none.
PIP_ARGS := -q --disable-pip-version-check --require-hashes --no-build-isolation
PIP := $(VENV)/bin/pip install $(PIP_ARGS)
FONT := build/static/fonts/manrope.woff2
PROMPT ?= Why do cats purr?
PORT ?= 8000
MINUTES ?= 30
ARGS ?=

.DEFAULT_GOAL := help

help: ## List what can be done
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

video: $(VENV)/.base ## Make a video: make video PROMPT="…" [ARGS="--niche science --shape 9:16"]
	@$(PY) manage.py make_video $(ARGS) -- "$$PROMPT"

run: $(VENV)/.base $(FONT) ## Site on http://127.0.0.1:8000 and worker in one terminal
	@$(PY) manage.py run --port $(PORT)

test: $(VENV)/.dev $(FONT) ## Run the tests that every change must pass
	@$(PY) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not slow and not live" $(ARGS)

test-all: $(VENV)/.dev $(FONT) ## Run every test, the long grids too, but for the storms of make chaos
	@$(PY) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not live and not (slow and goal)" $(ARGS)

test-live: $(VENV)/.dev ## Ask the vendors whose keys are set; this costs some cents
	@$(PY) -m pytest -q -m live tests/live $(ARGS)

chaos: $(VENV)/.dev $(FONT) ## Storm everything at full size (an hour) and write docs/reliability.md
	@rm -f var/chaos.jsonl
	@$(PY) -m pytest -q -m "goal and not small and not live" --timeout 3600 --goals var/chaos.jsonl $(ARGS); \
	  status=$$?; $(PY) -m tests.chaos.table var/chaos.jsonl docs/reliability.md; cat var/chaos.jsonl; exit $$status

soak: $(VENV)/.dev $(FONT) ## Let films flow for half an hour (MINUTES=30) and write what grew into docs/reliability.md
	@mkdir -p var; rm -f var/soak.jsonl
	@SOAK_MINUTES=$(MINUTES) $(PY) -m pytest -q tests/chaos/test_soak.py --goals var/soak.jsonl $(ARGS); \
	  status=$$?; $(PY) -m tests.chaos.table var/soak.jsonl docs/reliability.md; cat var/soak.jsonl; exit $$status

chaos-money: $(VENV)/.dev ## Storm the credit ledger alone, at full size
	@$(PY) -m pytest -q tests/chaos -m "not small" -k test_m $(ARGS)

check: $(VENV)/.dev ## Format, lint, types, imports, migrations, deploy settings, secrets
	@$(PY) -m canvascast.checks

format: $(VENV)/.dev ## Format the code
	@$(VENV)/bin/ruff check -q --fix . ; $(VENV)/bin/ruff format -q .

bench: $(VENV)/.dev ## Measure the renderer against pure x264 and MoviePy
	@$(PY) -m bench $(ARGS)

bench-status: $(VENV)/.dev ## Measure the API's status answers beside a running render
	@$(PY) -m bench.status_load $(ARGS)

bench-claims: $(VENV)/.dev ## Measure the claim of the next row among 100,000 ready ones
	@$(PY) -m bench.claims $(ARGS)

bench-years: $(VENV)/.dev ## Measure what the clock's checks and the gauges cost after 200,000 videos (five minutes)
	@$(PY) -m bench.years $(ARGS)

bench-brokers: $(VENV)/.dev ## Measure hints and trivial videos a second with PostgreSQL, Redis and SQS as broker
	@$(PY) -m bench.broker_rate $(ARGS)

bench-load: $(VENV)/.dev $(FONT) ## Measure pages and API while 200 look on, 50 order and two processes render
	@$(PY) -m bench.load $(ARGS)

bench-chunks: $(VENV)/.dev ## Measure what making a film in chunks costs beside one piece
	@$(PY) -m bench.chunks $(ARGS)

bench-film: $(VENV)/.dev ## Count the CPU, database writes, hints and bytes of one film
	@$(PY) -m bench.one_film $(ARGS)

bench-vendors: $(VENV)/.dev ## Measure how far from its critical path a video is that vendors make
	@$(PY) -m bench.vendor_path $(ARGS)

bench-pages: $(VENV)/.dev $(FONT) ## Weigh the main pages and time the home page, beside their budget
	@$(PY) -m bench.pages $(ARGS)

screens: $(VENV)/.dev $(FONT) ## Picture every page in every state, 320 and 1280 px, light and dark, in var/screens
	@$(PY) -m pytest -q -n 2 tests/browser/screens.py $(ARGS)

samples: $(VENV)/.base ## Make the sample films of the home page anew (static/samples)
	@$(PY) manage.py make_samples

kernel: $(VENV)/.base ## Build the compiled kernel of the renderer (needs a C compiler; optional)
	@$(PY) -m apps.pipeline.render.build_kernel

whisper: $(VENV)/.base ## Add local Whisper and torch (large)
	@if $(PY) -c 'import torch' 2>/dev/null; then $(PIP) --no-deps -r requirements-whisper.txt; \
		else $(PIP) -r requirements.txt; fi

lock: $(VENV)/.base $(TOOLS)/.tools ## Make the lock files anew: make lock [ARGS="--upgrade-package pillow"]
	@$(PY) -m canvascast.lock_files $(ARGS)

audit: $(VENV)/.base $(TOOLS)/.tools ## Ask for known weaknesses of what is locked
	@$(PY) -m canvascast.advisories $(ARGS)

sbom: $(VENV)/.base $(TOOLS)/.tools ## List what is installed, with licences, in build/sbom.cdx.json (CycloneDX)
	@mkdir -p build && $(TOOLS)/bin/cyclonedx-py environment --output-reproducible --of JSON -o build/sbom.cdx.json $(PY)

install: $(VENV)/.base $(FONT) ## Make the virtual environment

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: install python3 and python3-venv."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: install python3-venv."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements-base.txt requirements-build.txt | $(VENV)/bin/python
	@echo "Installing what CanvasCast needs (a few minutes the first time) …" >&2
	@$(PIP) -r requirements-build.txt
	@$(PIP) -r requirements-base.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.base
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(TOOLS)/.tools: requirements-tools.txt | $(VENV)/bin/python
	@$(VENV)/bin/python -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install $(PIP_ARGS) -r requirements-tools.txt
	@touch $@

$(FONT): canvascast/site/fonts.py | $(VENV)/.base
	@$(PY) -m canvascast.site.fonts >/dev/null

export PROMPT
.PHONY: help video run install kernel whisper samples
.PHONY: test test-all test-live chaos chaos-money soak screens check format
.PHONY: bench bench-chunks bench-status bench-years bench-brokers bench-claims bench-load bench-film bench-vendors bench-pages
.PHONY: lock audit sbom
