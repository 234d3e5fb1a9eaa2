# What a person types; each target is one line. `make setup` needs git, make and Python 3.11+.
.PHONY: setup test test-all test-deep coverage demo demo-down docs bench lint wheel
python := .venv/bin/python

setup:
	@tools/setup
test: setup
	@$(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not system and not deep"
test-all: setup
	@$(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not deep"
test-deep: setup
	@$(python) -m pytest -m "deep"
coverage: setup  # not in .ci/run: it asserts no bound, and makes the tests half as slow again
	@mkdir -p build && $(python) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not system and not deep" --cov
demo: setup
	@$(python) examples/flights/demo.py
demo-down: setup
	@$(python) examples/flights/demo.py --down
docs: setup
	@$(python) -m tools.generate_docs && $(python) -m mkdocs build --strict --quiet
bench: setup
	@for program in benchmarks/[!_]*.py; do [ ! -e $$program ] || $(python) $$program $(ARGS) || exit 1; done
lint: setup
	@$(python) -m ruff check . && $(python) -m ruff format --check . && .venv/bin/basedpyright && .venv/bin/lint-imports && .venv/bin/deptry .
wheel: setup
	@tools/check-wheel
