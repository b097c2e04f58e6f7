# One command checks everything that CI checks: make check
RUN ?= .venv/bin/uv run

.PHONY: check format lint types floors docs site test setup

check: lint types floors docs test

setup:
	python3 -m venv .venv && .venv/bin/pip install -q uv && .venv/bin/uv sync -q

format:
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

lint:
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types:
	$(RUN) pyright

floors:
	$(RUN) lint-imports

docs:
	$(RUN) python -m mcp_server.settings_page --check
	$(RUN) python -m keywords.reference_page --check
	$(RUN) python -m mcp_server.tools_page --check
	$(RUN) python -m mcp_server.cli.reference_page --check
	$(RUN) python -m mcp_server.compatibility_page --check
	$(RUN) python -m mcp_server.rest.api_page --check
	$(RUN) python -m tests.docs.drawing --check
	$(MAKE) --no-print-directory site

site:
	$(RUN) zensical build --strict

test:
	$(RUN) pytest -q -n auto $(PYTEST)
