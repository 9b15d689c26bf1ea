# Everything lives in .venv and data/; `make clean` removes what was installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE ?= 1
REPORT ?=
HARVESTER_CORPUS ?= ../shared/corpus
HARVESTER_JUDGED ?= ../shared/judged
CORPUS_DATA ?= data/corpus
# one more than the two cores that the tests are made for: many wait for a lease or a pause, one for the whole harvest
TEST_PROCESSES ?= 3

# what one process compiled the others read: some hundred are started, and each would compile the house anew
test test-long: export PYTHONDONTWRITEBYTECODE =

.PHONY: help install run test test-long check bench corpus wheel audit lock clean

help:
	@echo "make run      install, harvest the demo, serve http://127.0.0.1:8000"
	@echo "make test     install what the tests need, then run them"
	@echo "make test-long  many kills, many examples, the corpus harvested twice: at most 90 minutes"
	@echo "make check    ruff, mypy --strict, the layers"
	@echo "make bench    the figures, as ratios (REPORT=FILE writes JSON)"
	@echo "make corpus   harvest recorded sources (SERVE=0 ends instead, REPORT=FILE writes JSON)"
	@echo "make wheel    the wheel of this commit in dist/, the same each time it is made, and what is in it"
	@echo "make audit    known faults of the locked libraries; without an auditor that proves itself: not auditable"
	@echo "make install  only the virtual environment;  make lock  new locked requirements"

install: $(VENV)/.installed

$(VENV)/.installed: requirements.txt setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is too old: Python 3.11 or newer is needed, PYTHON=... names another" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); \
		else echo "no virtual environment can be made: install python3-venv" >&2; exit 1; fi; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed requirements-test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

run: install
	@$(BIN)/harvester demo

test: $(VENV)/.tested
	@$(BIN)/python tests/support/prepare.py
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup --no-loadscope-reorder

test-long: $(VENV)/.tested
	@$(BIN)/python tests/support/prepare.py
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup -m "long or hypothesis" --hypothesis-profile=long --timeout=3600

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

bench: $(VENV)/.tested
	@$(BIN)/python -m benchmarks $(if $(REPORT),--report $(REPORT))

corpus: install
	@HARVESTER_DATA=$${HARVESTER_DATA:-$(CORPUS_DATA)} $(BIN)/python -m tools.harvest_corpus $(HARVESTER_CORPUS) \
		$(if $(wildcard $(HARVESTER_JUDGED)/score.py),--judged $(HARVESTER_JUDGED)) \
		$(if $(filter 0,$(SERVE)),--no-serve) $(if $(REPORT),--report $(REPORT))

wheel: install
	umask 022; rm -rf build dist; SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/pip wheel --quiet \
		--disable-pip-version-check --no-deps --no-build-isolation --no-index -w dist .
	@$(BIN)/python -m zipfile -l dist/*.whl; sha256sum dist/*.whl

audit: install
	@$(BIN)/python -m tools.images || true
	@$(BIN)/python -m tools.audit requirements.txt

lock:
	uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.txt
	uv pip compile setup.cfg --extra test --universal --python-version 3.11 --generate-hashes --no-header -q \
		-o requirements-test.txt
	$(BIN)/python -m tools.sbom > harvester/sbom.cdx.json

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
