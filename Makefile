# Everything one does here, as verbs. Bare `make` lists them.
#
# Nothing but python3 (with venv), git and make is expected of the machine; the rest goes into .venv and node_modules.
# A verb that has nothing new to do does nothing, so each may be called at any time.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PAGES := server/graphiql/built/index.html
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup run test check faults fuzz bench format pages constraints clean

help: ## List the verbs
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Use it
setup: $(VENV)/.has-run ## Install what it takes to run, and build the pages
	@$(MAKE) --silent pages || { \
	  echo; \
	  echo "The pages were not built: npm could not be reached, or failed as it says above."; \
	  echo "The API runs all the same. \`make setup\` tries again."; }

run: setup ## Serve on this machine; an empty database is filled with a demonstration
	@$(BIN)/python -m server run $(ARGS)

##@ Change it
test: setup $(VENV)/.has-test ## Run the tests (ARGS="-k orders" for some)
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: setup $(VENV)/.has-check ## Style, types, the arrows between the rings, the contract
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m server schema --check

format: $(VENV)/.has-check ## Put the code into the shape that `check` asks for
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

##@ Measure it
faults: setup $(VENV)/.has-test ## Kill, cancel and cut off; then count what is left (minutes)
	@$(BIN)/pytest -m faults $(ARGS)

fuzz: setup $(VENV)/.has-test ## Random documents and histories against the oracle (minutes)
	@$(BIN)/pytest -m fuzz $(ARGS)

bench: setup $(VENV)/.has-test ## What a request costs, beside the peers
	@$(BIN)/python -m benchmarks $(ARGS)

##@ Keep house
pages: $(PAGES) ## Build what the browser gets

constraints: ## Take the newest versions of everything into constraints.txt
	@set -e; new=$$(mktemp -d); trap 'rm -rf "$$new"' EXIT; \
	$(PYTHON) -m venv "$$new"; \
	"$$new/bin/python" -m pip --disable-pip-version-check install --quiet --editable '.[pages,test,check]'; \
	{ sed '/^[^#]/,$$d' constraints.txt; "$$new/bin/python" -m pip freeze --exclude-editable; } > "$$new/constraints.txt"; \
	cp "$$new/constraints.txt" constraints.txt
	@git --no-pager diff --stat constraints.txt

clean: ## Remove what the verbs above made; databases stay
	rm -rf $(VENV) node_modules server/graphiql/built dist build .mypy_cache .pytest_cache .ruff_cache \
	  .hypothesis .import_linter_cache

# One stamp for each set of packages. The second set finds the first one there.

$(VENV)/.has-run: pyproject.toml constraints.txt
	@echo "Setting up the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(VENV)/.has-pages $(VENV)/.has-test $(VENV)/.has-check: $(VENV)/.has-%: $(VENV)/.has-run
	@echo "Installing what it takes to $* ..."
	@$(PIP) --editable '.[$*]'
	@touch $@

# npm finds its Node on the path: the one in the environment, whatever the machine has.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

node_modules/.package-lock.json: package.json package-lock.json .npmrc | $(VENV)/.has-pages
	@echo "Fetching what the browser gets ..."
	@$(NPM) ci --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000
	@touch $@

$(PAGES): node_modules/.package-lock.json server/graphiql/build.js $(wildcard server/graphiql/page/*)
	@$(NPM) run --silent build
