# fundsim: `make run` and `make test` set everything up by themselves on a machine with Python 3.11+ and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# aggregate, one of the tools that benchmarks/peers compares fundsim with, needs Python 3.12 or later.
PEERS_PYTHON ?= $(PYTHON)
PEERS_VENV   := .venv-peers

.PHONY: run test check check-slow bench bench-peers docs report site lint types imports notebooks lab clean

run: $(READY)  ## the main job: Qinzhou's tender, from policy text to margin, surplus return and loss sharing
	$(BIN)/fundsim run scenarios/qinzhou-2017.yaml --out runs/qinzhou-2017

test: $(READY)  ## the test suite, without what takes long
	$(BIN)/python -m pytest -n auto -m "not slow"

check: lint types imports test  ## what CI runs

check-slow: $(READY)  ## statistics over many repetitions, scale, kills
	FUNDSIM_REPORT=1 $(BIN)/python -m pytest -m slow

bench: $(READY)  ## fundsim beside numpy (simulation) and pandas (a file of bills), in one run; writes benchmarks/results/
	$(BIN)/python -m benchmarks.city
	$(BIN)/python -m benchmarks.national
	$(BIN)/python -m benchmarks.settlement
	$(BIN)/python -m benchmarks.uncertainty
	$(BIN)/python -m benchmarks.sweep
	$(MAKE) bench-peers

bench-peers: $(READY)  ## fundsim beside aggregate and gemact, in an environment of their own; PEERS_PYTHON=python3.13
	test -x $(PEERS_VENV)/bin/python || $(PEERS_PYTHON) -m venv $(PEERS_VENV)
	$(PEERS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[peers]'
	OPENBLAS_NUM_THREADS=1 $(PEERS_VENV)/bin/python -m benchmarks.peers
	$(BIN)/python scripts/benchmark_page.py --write

docs: $(READY)  ## docs/gallery.md from scenarios/, docs/commands.md and docs/scenario-files.md from the code, docs/benchmarks.md from benchmarks/results/
	$(BIN)/python scripts/gallery.py --write
	$(BIN)/python scripts/reference_pages.py --write
	$(BIN)/python scripts/docs_pictures.py
	$(BIN)/python scripts/benchmark_page.py --write

report: $(READY)  ## reports/qinzhou-2017-{zh,en}.{html,pdf}: the sample report, from scenarios/qinzhou-2017.yaml
	$(BIN)/python scripts/sample_report.py --write

site: $(READY)  ## the documentation as a site, offline; a warning is an error
	$(BIN)/sphinx-build -W -q -b html docs site

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

lab: $(READY)  ## JupyterLab with the first notebook open; LAB="--no-browser --allow-root" is handed on to it
	$(BIN)/jupyter lab --ServerApp.root_dir=. $(LAB) notebooks/01_first_run.ipynb

# pip 23 knows constraints and extras; nothing newer is needed.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,notebook]'
	touch $(READY)

clean:
	rm -rf $(VENV) $(PEERS_VENV) runs site .pytest_cache .mypy_cache .ruff_cache .hypothesis
