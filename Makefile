# Thin on purpose: tools/env.py makes .venv, tools/serve.py runs JupyterLab, tools/check.py the checks.
# The first Python that can run the course; another one: make lab PYTHON=python3.12
NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 10))'
ifndef PYTHON
PYTHON := $(shell for one in python3 python python3.14 python3.13 python3.12 python3.11 python3.10; \
	do $$one $(NEW_ENOUGH) 2>/dev/null && echo $$one && break; done)
endif
TOO_OLD = The course needs Python 3.10 or newer$(if $(PYTHON),: $(PYTHON) is older or no Python at all)
# An older Python can't read tools/env.py, so it gets its sentence here.
define ENV
@$(or $(PYTHON),false) $(NEW_ENOUGH) 2>/dev/null || { \
	echo "$(TOO_OLD). Install one and name it: make $@ PYTHON=python3.12" >&2; exit 1; }
@$(PYTHON) tools/env.py
endef
# Never the scripts beside it: they hold absolute paths and break when the folder is moved.
VENV := .venv/bin/python
CHECK = @$(VENV) -m tools.check
LANE = @$(VENV) -m nox -f tests/lanes/noxfile.py

# Notebooks run in notebooks/, so relative paths are made absolute here, also those given as arguments of make.
home = $(if $(filter ~ ~/%,$(firstword $(1))),$(patsubst ~%,$(HOME)%,$(1)),$(1))
absolute = $(if $(filter /%,$(firstword $(1))),$(1),$(CURDIR)/$(1))
ifneq ($(COURSE_DATA),)
override COURSE_DATA := $(call absolute,$(call home,$(COURSE_DATA)))
export COURSE_DATA
endif
ifneq ($(COURSE_PROGRESS),)
override COURSE_PROGRESS := $(call absolute,$(call home,$(COURSE_PROGRESS)))
export COURSE_PROGRESS
endif

# answer_yes: one Ctrl-C ends it, without a question. No news_url: no question about news at the first start.
LAB = tools/serve.py --ip=127.0.0.1 --ServerApp.root_dir="$(NOTEBOOKS)" --ServerApp.answer_yes=True \
	--LabApp.default_url=/lab/tree/00_start_here.ipynb --LabApp.news_url=None $(ALLOW_ROOT)
NOTEBOOKS ?= $(CURDIR)/notebooks
PROGRESS = $(or $(COURSE_PROGRESS),$(NOTEBOOKS)/.gradient-steps-progress.json)
# In containers everyone is root, and Jupyter asks to be told that this is meant.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab check test rest test-colab test-faults lanes mutants claims bench pictures site stored badges minutes exercises exercises-json handout standalone collect hub test-hub clean-progress format

help:  ## these lines
	@sed -n "s/^\([a-z-]*\):.*## /make \1	/p" Makefile | expand -t 21

lab:  ## open the course in JupyterLab (further options: make lab ARGS="--no-browser --port=9000")
	$(ENV) lab
	@exec $(VENV) $(LAB) $(ARGS)

check:  ## style, and the unit tests that start no process and train nothing: a minute and a half
	$(ENV) dev
	$(CHECK) check

test:  ## check and more units; every notebook, its controls and claims; one pass in a real browser: 6 minutes, 8 with MNIST
	$(ENV) dev
	$(CHECK) test

rest:  ## what CI runs after test: notebooks in kernels and a browser, pages, slow units, long claims, Colab's lane: 45 minutes
	$(ENV) dev
	$(CHECK) rest

test-colab:  ## the panels and the notebooks on the versions that Colab has, in classic Notebook too: 14 minutes
	$(ENV) dev
	$(LANE) -s colab -- colab

lanes:  ## notebooks, also as one file, every control: on lowest, newest and Colab's versions (some: make lanes LANES="lowest")
	$(ENV) dev
	$(LANE) $(if $(LANES),-s $(LANES))

mutants:  ## break each exercise's check in small ways: does an answer notice? (some: make mutants MUTANTS="01 clinic-3")
	$(ENV) dev
	@$(VENV) -m tools.mutants $(MUTANTS)

test-faults:  ## interrupts, kills, wrong order, long use, bad worlds, hostile files; writes a table (small: ARGS="--times 10")
	$(ENV) dev
	@OMP_NUM_THREADS=1 COURSE_THREADS=1 $(VENV) -m pytest -q --timeout 0 tests/faults --times 200 $(ARGS)

claims:  ## every claim of the lessons over five seeds; writes the table of what was measured
	$(ENV) dev
	@OMP_NUM_THREADS=1 $(VENV) -m pytest -q --timeout 0 tests/lessons --seeds 5

bench:  ## every speed, measured side by side for up to an hour; writes benchmarks/results.md (a part: ARGS=panels)
	$(ENV) bench
	@$(VENV) -m tools.browser
	@$(VENV) -m benchmarks.run $(ARGS)

pictures:  ## the first picture of each notebook, notebooks/images/
	$(ENV) dev
	@$(VENV) -m tools.pictures

site:  ## the lessons as pages to read without a kernel, build/site/index.html: minutes the first time, then seconds
	$(ENV) dev
	@$(VENV) -m tools.pages

stored:  ## what lessons store to open with, made anew from MNIST; takes minutes (of some: make stored LESSONS=lesson_04)
	$(ENV) dev
	@$(VENV) -m tools.stored $(LESSONS)

badges:  ## badges, set-up and folded cells, tables of lessons, glossary (of a fork: make badges REPO=owner/name REF=branch)
	$(ENV) dev
	@$(VENV) -m tools.badges $(if $(REPO),--repo $(REPO)) $(if $(REF),--ref $(REF))

minutes:  ## how long each lesson takes and what it is made of, as a table; writes the minutes where they stand, then badges
	$(ENV) dev
	@$(VENV) -m tools.lessons.minutes
	@$(VENV) -m tools.badges

exercises:  ## headings, stubs and checks of the exercises, from their own files
	$(ENV) dev
	@$(VENV) -m tools.exercises

exercises-json:  ## build/exercises.json: texts, hints, known mistakes and solutions as data, for teachers and tutor programs
	$(ENV) dev
	@$(VENV) -m tools.exercises_json

handout:  ## build/handout/: the notebooks for learners, and for teachers with solutions and known wrong answers
	$(ENV) dev
	@$(VENV) -m tools.handout

standalone:  ## build/standalone/: each notebook as one file, to upload where there is no repository
	$(ENV) dev
	@$(VENV) -m classroom.standalone

collect:  ## the pages that a class handed in as one table, build/collect/ (make collect FOLDER=pages ROSTER=class.csv)
	$(ENV) lab
	@$(VENV) -m classroom.collect "$(or $(FOLDER),$(error name the folder: make collect FOLDER=pages))" \
		$(if $(ROSTER),--roster "$(ROSTER)")

hub:  ## a JupyterHub on this machine, for a class as root (make hub CLASS=class.csv; more: make hub ARGS=--help)
	$(ENV) lab
	@exec $(VENV) -m classroom.hub $(if $(CLASS),--class "$(CLASS)") $(ARGS)

test-hub:  ## five learners at once in browsers, their limits, a restart: needs root, and some minutes
	$(ENV) dev
	@$(VENV) -m tools.browser
	@$(VENV) -m pytest -q tests/classroom

clean-progress:  ## forget which exercises are done (what my_progress shows)
	@rm -f "$(PROGRESS)" "$(PROGRESS)".lock "$(PROGRESS)".damaged-*

format:  ## bring code and notebooks into shape: ruff, outputs stripped
	$(ENV) dev
	@$(VENV) -m nbstripout --keep-id $$($(VENV) -m course_utils.catalog)
	@$(VENV) -m ruff check --quiet --fix . ; $(VENV) -m ruff format .
