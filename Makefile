# Needs python3 (3.11 or newer, with venv) and make. `make demo` and `make test` do the rest.
PYTHON ?= python3
STATE_DIR ?= .state
PORT ?= 8000
export STATE_DIR PORT
RUN := .venv/bin/python
CODE := manage.py mentoring programs matching sessions outcomes benchmarks tests deploy
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset demo-year test test-other-days check format shots bench

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1#/p' Makefile | column -t -s '#'

setup: .venv/.ready ## .venv with everything the other commands need

.venv/.ready: pyproject.toml uv.lock deploy/setup.sh
	@PYTHON='$(PYTHON)' sh deploy/setup.sh

demo: setup ## Upward with two made-up companies, on http://127.0.0.1:$PORT/
	@exec $(RUN) -m mentoring.demo --stop-with-parent $(ARGS)

demo-reset: setup ## throw the demo's data away
	@$(RUN) -m mentoring.demo --reset

demo-year: setup ## make the demo as on every day of a year, without a server (hours); ARGS="--every 5"
	@$(RUN) -m outcomes.demo.year $(ARGS)

test: setup ## the whole suite; ARGS="tests/matching -k crowded" for a part of it
	@$(RUN) -m pytest $(or $(ARGS),-n 3 --dist loadfile --no-loadscope-reorder)

test-other-days: setup ## what reads the clock, on the next leap day and on a day on which clocks change
	@days=$$($(RUN) -m tests.clock) && for days in $$days; do echo "--- $$days days ahead"; \
	UPWARD_DAYS_AHEAD=$$days $(RUN) -m pytest -q -m "calendar and not browser" \
	$(or $(ARGS),-n 3 --dist loadfile --no-loadscope-reorder) || exit; done

check: setup ## style, types, imports, templates, migrations, settings, image
	@sh deploy/check.sh

format: setup ## write the code in the house style
	@$(RUN) -m ruff check --fix-only $(CODE)
	@$(RUN) -m ruff format $(CODE)

shots: setup ## pictures of the demo's main pages in $STATE_DIR/shots/
	@$(RUN) -m benchmarks.shots $(ARGS)

bench: setup ## the benchmarks as a table and as $STATE_DIR/bench.json
	@$(RUN) -m benchmarks $(ARGS)
