# Everything starts here: `make serve` and `make test` need Python 3.11 or later (with venv) and make.
# All paths are relative, so that the checkout may live under any name.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve test check conformance fuzz format bench demo scale feed lock clean

python := .venv/bin/python
install := $(python) -m pip install --quiet --disable-pip-version-check --require-virtualenv
compile := $(python) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
	--universal --python-version 3.11

# Only what stands on the make line counts: some shells export HOST as the machine's name.
option = $(if $(filter command,$(origin $(1))),--$(2) '$(subst ','\'',$($(1)))')

# Where to listen; only on this machine, and for its own database, is --dev passed.
address = '$(subst ','\'',$(if $(filter command,$(origin HOST)),$(HOST),$(VINCULO_HOST)))'

# A virtual environment whose Python was removed or replaced is made anew.
$(shell test -x $(python) || rm -rf .venv)

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '%-20s%s\n' "$$name" "$$text"; done

serve: .venv/runtime ## Run the API on http://127.0.0.1:8000/ (HOST= PORT= DATA=)
	@case "$${VINCULO_DATABASE_URL}$${VINCULO_PUBLIC_URL}$${VINCULO_PROXIES} "$(address) in \
		' ' | ' 127.0.0.1' | ' ::1' | ' localhost') dev=--dev ;; \
		*) dev= ;; \
	esac; \
	exec $(python) -m api serve $$dev \
		$(call option,HOST,host) $(call option,PORT,port) $(call option,DATA,data)

# A worker per core, up to four; who passes ARGS rarely runs enough for that to pay.
workers := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: .venv/development ## Run every test (ARGS="tests/live/test_http.py -k tries" for some)
	$(python) -m pytest --ignore=tests/conformance $(if $(ARGS),$(ARGS),$(workers))

check: .venv/development ## Check format, lint, types, imports and migrations
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m pyright
	.venv/bin/lint-imports
	$(python) -m api migrate --check

conformance: .venv/development ## Run the checkers and clients of others
	$(python) -m pytest tests/conformance $(if $(ARGS),$(ARGS),$(workers))

fuzz: .venv/development ## Draw operations for every field, many of each (FUZZ=25)
	FUZZ=$(if $(filter command,$(origin FUZZ)),$(FUZZ),25) $(python) -m pytest -s \
		tests/live/test_fuzzed.py tests/conformance/test_schemathesis.py $(ARGS)

format: .venv/development ## Format, and repair what lint can
	$(python) -m ruff check --fix-only .
	$(python) -m ruff format .

bench: .venv/development ## Compare the reads with other servers
	$(python) -m bench $(ARGS)

demo: .venv/runtime ## Fill .demo with invented records (SCALE=1); serve them with DATA=.demo
	@$(python) -m api demo $(call option,SCALE,scale)

scale: .venv/development ## Explain every order and filter over a hundred times the demo records
	@test -e .demo-100.filled || { rm -rf .demo-100 && $(python) -m api demo --scale 100 \
		--data .demo-100 && touch .demo-100.filled; }
	DEMO_DATA=.demo-100 $(python) -m pytest tests/live/test_explained.py $(ARGS)

feed: .venv/development ## Follow the changes for a minute while writers, servers and PostgreSQL die
	FEED_WRITERS=200 FEED_READERS=20 FEED_SECONDS=60 FEED_SERVERS=2 FEED_SERVER_KILLS=8 \
		FEED_POSTGRES_KILLS=20 \
		$(python) -m pytest tests/live/test_feed_http.py -s $(ARGS)

lock: .venv/development ## Resolve the dependencies anew (ARGS=--upgrade for newer ones)
	$(compile) $(ARGS) pyproject.toml --group build --output-file requirements.txt
	$(compile) $(ARGS) pyproject.toml --group build --group dev --constraint requirements.txt \
		--output-file requirements-dev.txt
	$(compile) $(ARGS) docs/examples/python/pyproject.toml \
		--output-file docs/examples/python/requirements.txt

clean: ## Remove what was built; the data stays
	rm -rf .venv build dist api/console/built .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# GraphiQL at /graphql is built, with the project, from these.
console := $(wildcard hatch_build.py api/console/source/*)

.venv/python:
	@for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
		$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null && chosen=$$name && break; \
	done; \
	if [ -z "$$chosen" ]; then \
		echo 'Vínculo needs Python 3.11 or later with venv and pip; install it' \
			'(on Debian: apt install python3 python3-venv) and run make again.' >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with $$($$chosen --version) …"; \
	$$chosen -m venv .venv
	@touch $@

.venv/runtime: .venv/python requirements.txt pyproject.toml $(console)
	@echo 'Installing what the server needs …'
	@$(install) --require-hashes --requirement requirements.txt
	@$(install) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development: .venv/runtime requirements-dev.txt
	@echo 'Installing what tests and checks need …'
	@$(install) --require-hashes --requirement requirements-dev.txt
	@touch $@
