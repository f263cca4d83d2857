# `make leaderboard` and `make test` are all that a fresh machine needs: Python 3.11 or newer, nothing else.
PYTHON ?= python3
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: leaderboard test check format bench clean help

help:
	@echo "make leaderboard   score what ships, offline, and write _site/"
	@echo "make test          run the tests"
	@echo "make check         format, lint, types, import directions, tests"
	@echo "make bench         the figures that the README quotes"

leaderboard: .venv/.ready
	.venv/bin/tldr-bench run --offline

test: .venv-dev/.ready
	.venv-dev/bin/python -m pytest -n auto --maxprocesses 8

check: .venv-dev/.ready
	.venv-dev/bin/ruff format --check .
	.venv-dev/bin/ruff check .
	.venv-dev/bin/mypy
	.venv-dev/bin/lint-imports
	.venv-dev/bin/python -m pytest -n auto --maxprocesses 8

format: .venv-dev/.ready
	.venv-dev/bin/ruff format .
	.venv-dev/bin/ruff check --fix .

bench: .venv-dev/.ready
	.venv-dev/bin/python $(PIP_INSTALL) -e ".[all,dev,bench]"
	.venv-dev/bin/python -m benchmarks

# An environment is made anew when what it is made from changes. An editable install compiles nothing by itself.
.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python $(PIP_INSTALL) -e ".[offline-model]"
	.venv/bin/python -m compileall -q tldr_bench
	@touch $@

.venv-dev/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear .venv-dev
	.venv-dev/bin/python $(PIP_INSTALL) -e ".[all,dev]"
	.venv-dev/bin/python -m compileall -q tldr_bench
	@touch $@

clean:
	rm -rf .venv .venv-dev _site build dist
