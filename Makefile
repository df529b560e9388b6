# Few targets, for people and CI alike. Each sets up what it needs; `make demo` and `make test` work in a fresh clone.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help lab demo test build check bench fix clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile

UNIT ?= 01_activations
lab: $(READY)  ## open a unit in JupyterLab: make lab UNIT=05_convolution
	$(BIN)/jupyter lab course/$(UNIT)/$(UNIT).ipynb

demo: $(READY) .sandbox  ## grade a class of real submissions inside the sandbox: gradebook, feedback, report
	@rm -rf build/demo
	$(BIN)/python examples/demo_class/make.py build/demo/handed_in
	$(BIN)/autograder grade 05_convolution --submissions build/demo/handed_in --output build/demo/course \
		--cell-seconds 6 --call-seconds 3

test: $(READY) .sandbox  ## everything CI runs: style, types, freshness, tests
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/autograder check
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 tests/nnlib tests/autograder tests/notebooks  # two at a time
	$(BIN)/python -m pytest -q tests/browser tests/test_foreign_course.py tests/test_demo_class.py

build: $(READY)  ## make course/ and the executed notebooks anew from solutions/*.py
	$(BIN)/autograder build

check: $(READY)  ## say what is stale, or stands in course/ and must not
	$(BIN)/autograder check

bench: $(READY) .sandbox  ## time and memory beside peers, as ratios of the same run
	$(BIN)/python -m benchmarks

fix: $(READY)  ## format, and repair what ruff can
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean:  ## remove all that was made here
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv"; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv -q --allow-existing --python "$(PYTHON)" $(VENV) && \
		uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[dev,cluster]'; \
	else \
		$(PYTHON) -m venv $(VENV) || { echo "python3-venv is needed: sudo apt-get install python3-venv"; exit 1; }; \
		$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,cluster]'; \
	fi
	@touch $@

.PHONY: .sandbox
.sandbox:
	@command -v bwrap >/dev/null || ./tools/install bubblewrap
