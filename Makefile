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
# OCR-D core with ocrd-rapid and a database, for the tests of workers, in another.
NETWORK = .venv-network
DATABASE_VERSION = 0.8.1
# Snakemake with its executor for Slurm, for the tests of examples, in another.
SNAKEMAKE = .venv-snakemake
SNAKEMAKE_VERSION = 9.27.1
SNAKEMAKE_SLURM_VERSION = 2.8.0
# RapidOCR, for the comparison of speed, in another.
RAPIDOCR = .venv-rapidocr
RAPIDOCR_VERSION = 3.10.0
FASTER_PADDLE_VERSION = 1.0.4
TESSEROCR_VERSION = 0.21.2
# What the handbook is made with, in another.
DOCS = .venv-docs
MATERIAL_VERSION = 9.8.2
# What packages are made and tried with, in one more.
BUILD = .venv-build
# The kit for machines without a network: its platform (this one), version of Python,
# extras, other packages in it, such as ocrd, and a bundle of further models.
KIT_PLATFORM ?=
KIT_PYTHON ?= $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
KIT_EXTRAS ?= all
KIT_WITH ?=
KIT_MODELS ?=
# The tests of `make test-packages`.
PACKAGE_TESTS ?= tests/distribution
# The date of all files in packages: that of the last commit.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
# The program alone, and in another the tools that list what it is made of.
LISTED = .venv-listed
LISTING = .venv-listing
# Models and caches of demo and tests; kept apart from the user's own.
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
# The container image: its name and base, and a kit for builds without a network.
DOCKER_TAG ?= ocrd/rapid
DOCKER_BASE_IMAGE ?= python:3.13-slim
BUNDLE ?=
# The command that builds it, and further options of that.
DOCKER_BUILD ?= docker build
DOCKER_ARGS ?=
# Duration of the search for input that breaks a reader; further options, such as --target page.
FUZZ_SECONDS ?= 60
FUZZ_ARGS ?=

.PHONY: help demo test deps deps-ubuntu deps-test install build man kit docs pictures models core \
        test-interop network test-network snakemake test-examples test-packages test-docker docker \
        sbom licences test-training check format tool-json rapidocr bench bench-start bench-mets \
        bench-mets-server bench-memory \
        quality layouts script-quality fuzz blackletter earlyprint latin packages scripts script-classes \
        calibration packaged-models \
        region-order \
        coverage clean

help: ## Show the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: deps ## Read a sample page: text, searchable PDF, ALTO and view; then the same as a workflow.
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
	  echo "The original models cannot be downloaded here: the tests that compare with them will be skipped."
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

$(BUILD)/.installed: | $(BIN)/python
	$(BIN)/python -m venv $(BUILD)
	$(BUILD)/bin/python -m pip install --quiet --disable-pip-version-check build twine uv "setuptools>=68"
	@touch $@

man: deps ## Write the help of all commands as man pages into man/.
	rm -rf man
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(BIN)/python distribution/man_pages.py man

build: man $(BUILD)/.installed ## Build wheel and source archive into dist/; the same files give the same bytes.
	rm -rf dist/*.whl dist/*.tar.gz
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(BUILD)/bin/python -m build --no-isolation
	$(BUILD)/bin/twine check --strict dist/*.whl dist/*.tar.gz

docs: $(DOCS)/.installed deps-test ## Write the handbook as a site into site/, and check its links.
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --quiet
	$(BIN)/python -m pytest -p no:xdist tests/docs/test_handbook.py

$(DOCS)/.installed: Makefile | $(BIN)/python
	$(BIN)/python -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check \
	    mkdocs-material==$(MATERIAL_VERSION)
	@touch $@

pictures: deps-test ## Draw the pictures of the handbook again (Chromium, and Playwright for Python).
	$(OWN) $(BIN)/python distribution/pictures.py

kit: build ## Pack all that a machine without a network needs into dist/ (KIT_PLATFORM, KIT_PYTHON, KIT_EXTRAS, KIT_WITH, KIT_MODELS: see docs/install.md).
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(BUILD)/bin/python distribution/make_kit.py \
	  dist/*.whl $(KIT_MODELS:%=--models %) $(KIT_PLATFORM:%=--platform %) --python $(KIT_PYTHON) \
	  --extras "$(KIT_EXTRAS)" --with "$(KIT_WITH)" --output dist

test-packages: deps-test $(BUILD)/.installed ## Build packages and kit, and install them with every Python that is here (several GB: see docs/install.md).
	$(BIN)/python -m pytest -m packages --durations=8 $(PACKAGE_TESTS)

models: deps ## Download the models that those of the package are made of, for tests and training.
	@$(RESMGR) download --set original

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
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests/training tests/cli/test_train.py tests/test_offline.py \
	  tests/correction_server/test_book_jobs.py

test-interop: deps-test core ## Run OCR-D core on our output and with our processors.
	$(BIN)/python -m pytest -m interop --durations=8 $(PYTEST_ARGS) tests/interop

network: $(NETWORK)/.installed ## Install ocrd-rapid with OCR-D core, and a database, in an environment of their own.
$(NETWORK)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m venv $(NETWORK)
	$(NETWORK)/bin/python -m pip install --quiet --disable-pip-version-check \
	    --editable '.[ocrd]' ocrd==$(CORE_VERSION) nx-27017==$(DATABASE_VERSION) neosqlite
	$(NETWORK)/bin/ocrd ocrd-tool ocrd-tool.json dump-tools > $(NETWORK)/tools.json
	$(NETWORK)/bin/python -c "import json, pathlib, ocrd; \
	  path = pathlib.Path(ocrd.__file__).with_name('ocrd-all-tool.json'); \
	  tools = json.loads(path.read_text()) | json.load(open('$(NETWORK)/tools.json')); \
	  path.write_text(json.dumps(tools))"
	@touch $@

test-network: deps-test network ## Run workers in OCR-D's network with RabbitMQ, if that is installed.
	$(BIN)/python -m pytest -m workers --durations=8 -p no:xdist tests/workers

snakemake: $(SNAKEMAKE)/.installed ## Install Snakemake, with its executor for Slurm, in an environment of its own.
$(SNAKEMAKE)/.installed: | $(BIN)/python
	$(BIN)/python -m venv $(SNAKEMAKE)
	$(SNAKEMAKE)/bin/python -m pip install --quiet --disable-pip-version-check \
	    snakemake==$(SNAKEMAKE_VERSION) snakemake-executor-plugin-slurm==$(SNAKEMAKE_SLURM_VERSION)
	@touch $@

test-examples: deps-test ## Run examples/ by Slurm, Snakemake and Nextflow, those that can be had.
	@$(MAKE) --no-print-directory snakemake || \
	  echo "Snakemake cannot be installed here: its tests will be skipped."
	OCRD_RAPID_TEST_EXAMPLES=1 $(BIN)/python -m pytest -m examples --durations=8 -p no:xdist tests/examples

docker: ## Build the container image (DOCKER_BASE_IMAGE, DOCKER_TAG, BUNDLE: see docs/containers.md).
	rm -rf .bundle
	$(if $(BUNDLE),$(PYTHON) -m zipfile -e "$(BUNDLE)" .bundle)
	DOCKER_BUILDKIT=1 $(DOCKER_BUILD) --tag $(DOCKER_TAG) \
	  --build-arg DOCKER_BASE_IMAGE=$(DOCKER_BASE_IMAGE) \
	  --build-arg VCS_REF=$$(git rev-parse --short HEAD 2>/dev/null || echo unknown) \
	  --build-arg BUILD_DATE=$$(date -u +%Y-%m-%dT%H:%M:%SZ) \
	  --build-arg BUNDLE=$(if $(BUNDLE),.bundle) $(DOCKER_ARGS) .

test-docker: deps-test models ## Build the image on a base of Debian's packages, and run all commands of docs/containers.md.
	OCRD_RAPID_TEST_DOCKER=1 $(BIN)/python -m pytest -m docker -n 0 --durations 8 tests/docker

licences: $(LISTED)/.done $(LISTING)/.done ## Write the packages that are installed into docs/licences.md, with their licences.
	@sed -i '/^## Packages$$/q' docs/licences.md && echo >> docs/licences.md
	$(LISTING)/bin/pip-licenses --python $(LISTED)/bin/python --from mixed --format markdown \
	  --no-version --with-urls --ignore-packages pip setuptools >> docs/licences.md

sbom: $(LISTED)/.done $(LISTING)/.done ## Write a bill of materials (CycloneDX) to dist/.
	@mkdir -p dist
	$(LISTING)/bin/cyclonedx-py environment $(LISTED)/bin/python --output-reproducible \
	  --output-file dist/ocrd-rapid.cdx.json

$(LISTED)/.done: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m venv --clear $(LISTED)
	$(LISTED)/bin/python -m pip install --quiet --disable-pip-version-check '.[all]'
	@touch $@
$(LISTING)/.done: | $(BIN)/python
	$(BIN)/python -m venv --clear $(LISTING)
	$(LISTING)/bin/python -m pip install --quiet --disable-pip-version-check \
	  pip-licenses==5.5.5 cyclonedx-bom==7.5.0
	@touch $@

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

bench: deps-test rapidocr models ## Compare speed, memory and errors with other engines on scans (PAGES) and typeset pages.
	$(if $(wildcard $(PAGES)),$(SPEED) $(PAGES) $(BENCH_ARGS))
	$(SPEED) --count 10 $(BENCH_ARGS)

bench-memory: deps-test rapidocr models ## Check whether memory grows from 20 pages to 200.
	$(SPEED) $(wildcard $(PAGES)) --engines ours,workspace --rounds 0 --starts 0 --stages "" --long 200 $(BENCH_ARGS)

bench-start: deps core ## Compare our start-up time with OCR-D core's.
	$(BIN)/python tests/bench/startup.py $(BIN) $(CORE)/bin

bench-mets-server: deps network ## Measure what core's METS server can take, and a book shared by processes.
	$(OWN) $(BIN)/python tests/bench/mets_server.py clients
	$(OWN) $(BIN)/python tests/bench/mets_server.py book

bench-mets: deps core ## Compare the cost of a page apart from OCR with OCR-D core's, up to 50 000 pages.
	$(BIN)/python tests/bench/mets.py --core $(CORE) --sizes 100,1000,5000,10000,50000

quality: need-PAGES need-SCORE_PAGES deps-test ## Measure character errors on upright scans (PAGES), and orientation on turned ones.
	$(OWN) $(BIN)/python tests/bench/quality.py $(PAGES) $(SCORE_PAGES)
	for turn in 90 180 270; do $(OWN) \
	  $(BIN)/python tests/bench/quality.py $(PAGES) $(SCORE_PAGES) --turn $$turn || exit 1; done

layouts: need-SCORE_PAGES deps-test ## Measure character errors on typeset pages of many layouts, by kind.
	rm -rf $(LAYOUTS)
	$(BIN)/python tests/bench/synthetic.py $(LAYOUTS) --kinds all --count 4 --seed 1000 --spread 1.25
	$(OWN) $(BIN)/python tests/bench/quality.py $(LAYOUTS) $(SCORE_PAGES)

script-quality: need-PACKAGES deps-test ## Measure character errors by script on typeset pages (PACKAGES: see docs/models/scripts.md; KINDS).
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

blackletter: need-DATA need-FONTS need-PACKAGES deps models ## Retrain the head for black letter (DATA, FONTS, PACKAGES: see docs/models/blackletter.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools brotli
	$(OWN) $(BIN)/python training/blackletter.py $(DATA) $(FONTS) $(PACKAGES) $(TRAINING_ARGS)

earlyprint: need-LINES deps models ## Retrain the head for early prints (LINES: see docs/models/earlyprint.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]'
	$(OWN) $(BIN)/python training/earlyprint.py $(LINES)/earlyprint-lines $(TRAINING_ARGS)

packages: deps ## Fetch the packages with fonts and texts that heads learn from (2.5 GB; PACKAGES: a folder).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check fonttools
	$(BIN)/python training/fetch_packages.py $(PACKAGES)

scripts: need-PACKAGES need-LINES deps models ## Retrain the head of a script (SCRIPT, PACKAGES, LINES: see docs/models/scripts.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools
	$(OWN) $(BIN)/python training/scripts.py $(SCRIPT) $(PACKAGES) \
	  $(if $(filter greek,$(SCRIPT)),--real $(LINES)/greek-lines) \
	  --others $(LINES)/blackletter-lines $(LINES)/earlyprint-lines $(TRAINING_ARGS)

script-classes: need-PACKAGES need-LINES deps models ## Retrain the layer that tells scripts (PACKAGES, LINES: see docs/models/scripts-classifier.md).
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[train]' fonttools
	$(OWN) $(BIN)/python training/script_classes.py $(PACKAGES) --greek $(LINES)/greek-lines \
	  --latin $(LINES)/blackletter-lines $(LINES)/earlyprint-lines $(TRAINING_ARGS)

packaged-models: deps models ## Make detector and classifier of the package again, of those of the catalogue.
	$(OWN) $(BIN)/python training/packaged_models.py

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
	rm -rf build dist man site *.egg-info $(DEMO) $(LAYOUTS) $(ORDER_PAGES) $(SCRIPT_PAGES) .bundle .docker \
	  .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
