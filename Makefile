# `make demo` runs the main job, `make test` passes the tests; both make their own environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEMO := $(VENV)/.ready-demo

.PHONY: demo test test-browser test-servers pictures check lint types unit interpreters bench bench-quick performance soak conformance suites differential docs generate clean

demo: $(READY_DEMO)
	@$(BIN)/python -m examples.demo

test: check unit interpreters
	@echo "The timeline in a real browser: make test-browser."

check: lint types

lint: $(READY)
	$(BIN)/python scripts/write_httpx.py --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/basedpyright --level error

unit: $(READY)
	$(BIN)/python -m pytest -n 2

# The same tests on every other interpreter from 3.12 up that this machine has.
interpreters: $(READY)
	$(BIN)/python scripts/other_interpreters.py

# The timeline in the system's headless Chromium; installs Debian's package where it may.
test-browser: $(VENV)/.ready-browser
	$(BIN)/python -m scripts.chromium
	$(BIN)/python -m pytest -m browser tests/browser

# The scenarios and the example shop over uvicorn, Hypercorn, Granian and Daphne: a table.
test-servers: $(READY)
	$(BIN)/python scripts/test_servers.py

# The pictures in docs/pictures: terminals and pages.
pictures: $(VENV)/.ready-browser
	$(BIN)/python -m scripts.chromium
	$(BIN)/python -m scripts.draw_pictures

# Everything that is measured, as JSON; about half an hour on a machine that does nothing else.
bench: $(VENV)/.ready-bench
	$(BIN)/python -m bench --json bench-results/bench.json
	$(BIN)/python -m bench.growth --json bench-results/growth.json --pictures bench-results
	-$(BIN)/python -m bench.instructions --json bench-results/instructions.json

# Less than two minutes; the targets come last.
bench-quick: $(VENV)/.ready-bench
	$(BIN)/python -m bench --quick

# docs/performance.md and its pictures, from what `make bench` measured.
performance: $(VENV)/.ready-bench
	$(BIN)/python -m bench.growth --read bench-results/growth.json
	$(BIN)/python -m bench.page bench-results/*.json

soak: $(READY)
	$(BIN)/python -m pytest -m soak -s tests/soak

# The same scenarios on our engine and on four servers: a table, and a page in conformance-results/.
conformance: $(READY)
	$(BIN)/python -m tests.conformance

# The test-suites of Starlette and FastAPI with their own client and with ours: a table.
suites:
	$(PYTHON) scripts/suites.py

# Our clients beside those of several releases of httpx2 and httpx: a table.
differential:
	$(PYTHON) scripts/differential.py

# The state diagrams in docs/architecture.md and docs/rules.md, written from the tables.
docs: $(READY)
	$(BIN)/python scripts/draw_states.py
	$(BIN)/python -m scripts.write_rules
	$(BIN)/python -m scripts.write_quirks

# The adapter for httpx and its tests, from those for httpx2; `make test` checks that they are current.
generate: $(READY)
	$(BIN)/python scripts/write_httpx.py

$(READY): pyproject.toml scripts/set_up.py
	$(PYTHON) scripts/set_up.py $(VENV) dev
	@touch $@ $(READY_DEMO)

# Much less than the tests need, so that the demo begins soon.
$(READY_DEMO): pyproject.toml scripts/set_up.py
	$(PYTHON) scripts/set_up.py $(VENV) demo
	@touch $@

$(VENV)/.ready-browser: $(READY)
	$(PYTHON) scripts/set_up.py $(VENV) browser
	@touch $@

$(VENV)/.ready-bench: $(READY)
	$(PYTHON) scripts/set_up.py $(VENV) bench
	@touch $@

clean:
	rm -rf $(VENV) .venv-* bench-results conformance-results .mypy_cache .ruff_cache .pytest_cache
