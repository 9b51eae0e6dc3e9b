# The studio's commands. Everything is installed into $(VENV); nothing outside this folder is touched.
VENV ?= .venv
PYTHON ?= python3
PY := $(VENV)/bin/python
# Some languages take packages of their own: make run LANGUAGES=ja,ko. What is no language of a requirements file takes
# none.
LANGUAGES ?=
comma := ,
files_of = $(wildcard $(patsubst %,requirements-%.txt,$(subst $(comma), ,$(1))))
EVERY_LANGUAGE := $(filter-out requirements-dev.txt,$(wildcard requirements-*.txt))

.PHONY: install run test quality bench load hostile lint voice pocket picture clean

install: $(VENV)/.run $(patsubst requirements-%.txt,$(VENV)/.language-%,$(call files_of,$(LANGUAGES)))

run: install
	$(PY) webui.py

# Two at a time, since many tests wait for a browser or a server, and each on one thread. A file's tests stay together.
test: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile

quality: $(VENV)/.dev
	$(PY) -m benchmarks.quality

bench: $(VENV)/.dev
	$(PY) -m benchmarks.vits
	$(PY) -m benchmarks.piper
	$(PY) -m benchmarks.chattts
	$(PY) -m benchmarks.company
	$(PY) -m benchmarks.styletts2
	$(PY) -m benchmarks.kokoro
	$(PY) -m benchmarks.valle
	$(PY) -m benchmarks.hub
	$(PY) -m benchmarks.loading

load: $(VENV)/.dev
	$(PY) -m benchmarks.load

hostile: $(VENV)/.dev
	$(PY) -m benchmarks.hostile

voice: $(VENV)/.dev
	$(PY) -m recipes.bundled_voice

pocket: $(VENV)/.dev
	$(PY) -m recipes.pocket_minimind

picture: $(VENV)/.dev
	$(PY) -m recipes.page_picture

lint: $(VENV)/.dev $(VENV)/.node
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/node $(VENV)/node/node_modules/typescript/bin/tsc --project ui/page

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache

# uv installs in seconds what pip takes minutes for; it is itself installed by pip, inside the environment.
$(VENV)/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Polyphone needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.run: requirements.txt | $(VENV)/bin/uv
	$(VENV)/bin/uv pip install --quiet --python $(PY) -r requirements.txt
	@touch $@

$(VENV)/.language-%: requirements-%.txt $(VENV)/.run
	$(VENV)/bin/uv pip install --quiet --python $(PY) -r $<
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt $(EVERY_LANGUAGE) | $(VENV)/bin/uv
	$(VENV)/bin/uv pip install --quiet --python $(PY) $(patsubst %,-r %,$^)
	@touch $@

# The page's script is checked by TypeScript's compiler. Node comes from a wheel, so that Python is enough to begin with.
$(VENV)/.node: Makefile $(VENV)/.dev
	$(VENV)/bin/npm install --silent --no-fund --no-audit --prefix $(VENV)/node typescript@5.9.3
	@touch $@
