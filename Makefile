# What a person types; each target is one line. `make setup` needs git, make and Python 3.11+.
.PHONY: setup test test-all test-deep demo demo-down docs bench lint
python := .venv/bin/python

setup:
	@tools/setup
test: setup
	@$(python) -m pytest -m "not system and not deep"
test-all: setup
	@$(python) -m pytest -m "not deep"
test-deep: setup
	@$(python) -m pytest -m "deep"
demo: setup
	@$(python) examples/flights/demo.py
demo-down: setup
	@$(python) examples/flights/demo.py --down
docs: setup
	@$(python) -m mkdocs build --strict
bench: setup
	@for program in benchmarks/*.py; do case $$program in */_*) ;; *) $(python) $$program || exit 1 ;; esac; done
lint: setup
	@$(python) -m ruff check . && $(python) -m ruff format --check . && .venv/bin/basedpyright && .venv/bin/lint-imports && .venv/bin/deptry .
