# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

# Two commands set everything up on a fresh machine: `make demo` and `make test`.
# `make help` lists the rest.

PYTHON ?= python3
# The active virtual environment, or one of our own.
VENV ?= $(or $(VIRTUAL_ENV),.venv)
BIN = $(VENV)/bin
# OCR-D core, for the tests of interoperability, in an environment of its own.
CORE = .venv-core
CORE_VERSION = 3.13.3
# RapidOCR, for the comparison of speed, in another.
RAPIDOCR = .venv-rapidocr
RAPIDOCR_VERSION = 3.10.0
FASTER_PADDLE_VERSION = 1.0.4
TESSEROCR_VERSION = 0.21.2
# The default models for demo and tests; kept apart from the user's own.
MODELS = $(CURDIR)/.models
DEMO = .demo
WORKSPACE = $(DEMO)/workspace
# Real scans with ground truth, one folder per collection, and the script that scores them.
PAGES ?= ../shared/data/pages
SCORE_PAGES ?= ../shared/tools/score_pages.py
# Lines and fonts for the training of the bundled heads.
DATA ?= ../shared/data/blackletter-lines
FONTS ?= fonts
# Typeset pages of many layouts, made anew by `make layouts`.
LAYOUTS = .layouts
# Typeset pages on which the signs of the reading order are counted.
ORDER_PAGES = .order-pages
# Typeset pages in many scripts, made anew by `make script-quality`.
SCRIPT_PAGES = .script-pages
# The script whose head is trained, and unpacked packages with fonts and texts for it.
SCRIPT ?= cyrillic
PACKAGES ?= packages
# The folders of lines for the calibration of confidences.
LINES ?= ../shared/data
SAMPLE = tests/assets/sample/sample.png
# Models, user database and cache in the project: nothing is left in the home directory.
OWN = XDG_DATA_HOME="$(MODELS)" XDG_CONFIG_HOME="$(MODELS)/config" XDG_CACHE_HOME="$(MODELS)/cache"
RESMGR = $(OWN) $(BIN)/ocrd-rapid resmgr
PYTEST_ARGS ?= -n auto
# Further options of the comparison of speed, such as --rounds 5, and of script-quality.
BENCH_ARGS ?=
# Languages, and latin, others, mixed: see tests/bench/script_pages.py.
KINDS ?= latin,others,mixed
# Duration of the search for input that breaks a reader; further options, such as --target page.
FUZZ_SECONDS ?= 60
FUZZ_ARGS ?=

.PHONY: help demo test deps deps-ubuntu deps-test install build models core test-interop \
        test-training check format tool-json rapidocr bench bench-start bench-mets bench-memory \
        quality layouts script-quality fuzz blackletter latin scripts script-classes calibration \
        region-order \
        coverage clean

help: ## Show the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: deps models ## Read a sample page: text, searchable PDF, ALTO and view; then the same as a workflow.
	rm -rf $(DEMO)
	@mkdir -p $(DEMO)
	$(OWN) $(BIN)/ocrd-rapid ocr $(SAMPLE) -f txt,pdf,alto,html -o $(DEMO)/
	@echo
	@cat $(DEMO)/sample.txt
	@echo
	$(BIN)/ocrd-rapid workspace -d $(WORKSPACE) init
	$(BIN)/ocrd-rapid workspace -d $(WORKSPACE) add-images $(SAMPLE)
	$(OWN) $(BIN)/ocrd-rapid process -w $(WORKSPACE) \
	  "rapid-detect -I OCR-D-IMG -O OCR-D-SEG" \
	  "rapid-classify -I OCR-D-SEG -O OCR-D-ORI" \
	  "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR -P textequiv_level word" \
	  "rapid-export -I OCR-D-OCR -O FULLTEXT -P formats '[\"alto\"]'"
	@echo
	@echo "Text, searchable PDF, ALTO and view are in $(DEMO)/: open sample.html in a browser."
	@echo "The workspace is $(WORKSPACE)/: PAGE-XML in OCR-D-OCR/, ALTO in FULLTEXT/, mets.xml."

test: deps-test ## Run the tests; tests that lack something are skipped with a reason.
	@$(MAKE) --no-print-directory models || \
	  echo "The models cannot be downloaded here: the tests that need them will be skipped."
	$(BIN)/python -m pytest $(PYTEST_ARGS)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or newer is required; $(PYTHON) is $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || \
	  { $(MAKE) --no-print-directory deps-ubuntu && $(PYTHON) -m venv --clear $(VENV); }

deps: $(VENV)/.ocrd-rapid ## Install the project (editable) with its dependencies.
$(VENV)/.ocrd-rapid: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all]'
	@touch $@

deps-test: $(VENV)/.ocrd-rapid-test ## Install the project (editable) with its dependencies and test tools.
$(VENV)/.ocrd-rapid-test: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all,test]'
	@touch $@ $(VENV)/.ocrd-rapid

deps-ubuntu: ## Install the Debian or Ubuntu package for virtual environments.
	@if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	if ! command -v apt-get >/dev/null || ! { [ -z "$$sudo" ] || command -v sudo >/dev/null; }; then \
	  echo "$(PYTHON) cannot create virtual environments; install its venv module" \
	       "(Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; fi; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv

install: | $(BIN)/python ## Install the project (not editable).
	$(BIN)/python -m pip install .

build: | $(BIN)/python ## Build wheel and source archive into dist/.
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build

models: deps ## Download the default models for demo and tests.
	@$(RESMGR) download --set default

# Requirements of some targets that cannot be installed.
PAGES_ARE = a folder of scans with ground truth, one subfolder per collection
SCORE_PAGES_ARE = the script that scores them, score_pages.py
DATA_ARE = the training lines with their text (docs/models/)
LINES_ARE = the folders of lines with their text (training/calibration.py)
PACKAGES_ARE = a folder of unpacked packages with fonts and texts (docs/models/scripts.md)
FONTS_ARE = a folder of fonts (docs/models/)

need-%:
	@[ -e "$($*)" ] || { echo "$($*) does not exist. Give its path: make $(MAKECMDGOALS) $*=PATH," \
	  "with $($*_ARE)." >&2; exit 1; }

core: $(CORE)/.installed ## Install OCR-D core in an environment of its own.
$(CORE)/.installed: | $(BIN)/python
	$(BIN)/python -m venv $(CORE)
	$(CORE)/bin/python -m pip install --quiet --disable-pip-version-check ocrd==$(CORE_VERSION)
	@$(CORE)/bin/python -m pip install --quiet --disable-pip-version-check \
	    ocrd_tesserocr==$(TESSEROCR_VERSION) || \
	  echo "ocrd_tesserocr cannot be installed here: the tests of chains with it will be skipped."
	@touch $@

test-training: deps-test models ## Run the tests of training, with torch (several GB: see docs/training.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all,test,train]'
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests/training tests/cli/test_train.py tests/test_offline.py

test-interop: deps-test models core ## Run OCR-D core on our output and with our processors.
	$(BIN)/python -m pytest -m interop --durations=8 $(PYTEST_ARGS) tests/interop

check: deps-test ## Check lint, formatting and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: deps-test ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

tool-json: deps ## Write the catalogue of models into ocrd-tool.json and resource_list.json.
	$(BIN)/python -m ocrd_rapid.resmgr.toolfile

rapidocr: $(RAPIDOCR)/.installed ## Install RapidOCR and faster-paddle in an environment of their own.
$(RAPIDOCR)/.installed: | $(BIN)/python
	$(BIN)/python -m venv $(RAPIDOCR)
	$(RAPIDOCR)/bin/python -m pip install --quiet --disable-pip-version-check \
	    rapidocr==$(RAPIDOCR_VERSION) onnxruntime openvino faster-paddle==$(FASTER_PADDLE_VERSION)
	@touch $@

SPEED = $(OWN) $(BIN)/python tests/bench/speed.py \
        --score $(SCORE_PAGES) --rapidocr $(RAPIDOCR)/bin/python

bench: deps-test models rapidocr ## Compare speed, memory and errors with other engines on scans (PAGES) and typeset pages.
	$(if $(wildcard $(PAGES)),$(SPEED) $(PAGES) $(BENCH_ARGS))
	$(SPEED) --count 10 $(BENCH_ARGS)

bench-memory: deps-test models rapidocr ## Check whether memory grows from 20 pages to 200.
	$(SPEED) $(wildcard $(PAGES)) --engines ours,workspace --rounds 0 --starts 0 --stages "" --long 200 $(BENCH_ARGS)

bench-start: deps core ## Compare our start-up time with OCR-D core's.
	$(BIN)/python tests/bench/startup.py $(BIN) $(CORE)/bin

bench-mets: deps core ## Compare the cost of a page apart from OCR with OCR-D core's, up to 50 000 pages.
	$(BIN)/python tests/bench/mets.py --core $(CORE) --sizes 100,1000,5000,10000,50000

quality: need-PAGES need-SCORE_PAGES deps-test models ## Measure character errors on upright scans (PAGES), and orientation on turned ones.
	$(OWN) $(BIN)/python tests/bench/quality.py $(PAGES) $(SCORE_PAGES)
	for turn in 90 180 270; do $(OWN) \
	  $(BIN)/python tests/bench/quality.py $(PAGES) $(SCORE_PAGES) --turn $$turn || exit 1; done

layouts: need-SCORE_PAGES deps-test models ## Measure character errors on typeset pages of many layouts, by kind.
	rm -rf $(LAYOUTS)
	$(BIN)/python tests/bench/synthetic.py $(LAYOUTS) --kinds all --count 4 --seed 1000 --spread 1.25
	$(OWN) $(BIN)/python tests/bench/quality.py $(LAYOUTS) $(SCORE_PAGES)

script-quality: need-PACKAGES deps-test models ## Measure character errors by script on typeset pages (PACKAGES: see docs/models/scripts.md; KINDS).
	rm -rf $(SCRIPT_PAGES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools
	PYTHONPATH=training $(BIN)/python tests/bench/script_pages.py $(PACKAGES) $(SCRIPT_PAGES) \
	  --kinds $(KINDS)
	PYTHONPATH=training $(OWN) $(BIN)/python tests/bench/script_quality.py $(SCRIPT_PAGES) $(BENCH_ARGS)

fuzz: deps-test ## Run all readers on broken input for FUZZ_SECONDS (60) with a new seed.
	$(BIN)/python tests/fuzz/runner.py --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)

latin: need-LINES need-FONTS need-PACKAGES deps models ## Retrain the head for Latin script (LINES, FONTS, PACKAGES: see docs/models/latin.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools brotli
	$(OWN) $(BIN)/python training/latin.py $(LINES) $(FONTS) $(PACKAGES) $(TRAINING_ARGS)

blackletter: need-DATA need-FONTS deps models ## Retrain the head for black letter (DATA, FONTS: see docs/models/blackletter.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools brotli
	$(OWN) $(BIN)/python training/blackletter.py $(DATA) $(FONTS) $(TRAINING_ARGS)

scripts: need-PACKAGES deps models ## Retrain the head of a script (SCRIPT, PACKAGES, LINES: see docs/models/scripts.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools
	$(OWN) $(BIN)/python training/scripts.py $(SCRIPT) $(PACKAGES) \
	  $(if $(filter greek,$(SCRIPT)),--real $(LINES)/greek-lines) $(TRAINING_ARGS)

script-classes: need-PACKAGES need-LINES deps models ## Retrain the layer that tells scripts (PACKAGES, LINES: see docs/models/scripts-classifier.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools
	$(OWN) $(BIN)/python training/script_classes.py $(PACKAGES) --greek $(LINES)/greek-lines \
	  --latin $(LINES)/blackletter-lines $(LINES)/earlyprint-lines $(TRAINING_ARGS)

calibration: need-LINES need-FONTS deps models ## Fit the calibrations of confidences again (LINES, FONTS: see training/calibration.py).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools brotli
	$(OWN) $(BIN)/python training/calibration.py $(LINES) $(FONTS) $(TRAINING_ARGS)

region-order: deps ## Count the signs of the reading order again, on typeset pages made for it.
	rm -rf $(ORDER_PAGES)
	$(BIN)/python tests/bench/synthetic.py $(ORDER_PAGES) --kinds all --count 4 --seed 3
	$(BIN)/python training/region_order.py ocrd_rapid/ocr/layout/order/junction_weights.json \
	  $(ORDER_PAGES)

coverage: deps-test ## Measure the test coverage.
	$(BIN)/coverage run -m pytest -p no:xdist
	$(BIN)/coverage report

clean: ## Remove build products and caches; models and environments stay.
	rm -rf build dist *.egg-info $(DEMO) $(LAYOUTS) $(ORDER_PAGES) $(SCRIPT_PAGES) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
