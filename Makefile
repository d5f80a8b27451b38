# Thin on purpose: tools/env.py makes .venv, tools/serve.py runs JupyterLab, tools/check.py the checks.
# Any Python from 3.10 on will do: make lab PYTHON=python3.12
PYTHON ?= $(if $(shell command -v python3),python3,python)
# Never the scripts beside it: they hold absolute paths and break when the folder is moved.
VENV := .venv/bin/python

# Notebooks run in notebooks/, so a relative COURSE_DATA has to be made absolute here.
ifneq ($(COURSE_DATA),)
ifeq ($(filter /%,$(firstword $(COURSE_DATA))),)
COURSE_DATA := $(CURDIR)/$(COURSE_DATA)
endif
export COURSE_DATA
endif

# answer_yes: one Ctrl-C ends it, without a question. No news_url: no question about news at the first start.
LAB = tools/serve.py --ip=127.0.0.1 --ServerApp.root_dir="$(NOTEBOOKS)" --ServerApp.answer_yes=True \
	--LabApp.default_url=/lab/tree/00_start_here.ipynb --LabApp.news_url=None $(ALLOW_ROOT)
NOTEBOOKS ?= $(CURDIR)/notebooks
PROGRESS = $(or $(COURSE_PROGRESS),$(NOTEBOOKS)/.gradient-steps-progress.json)
# In containers everyone is root, and Jupyter asks to be told that this is meant.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab check test test-colab lanes mutants claims bench pictures site badges handout clean-progress format

help:  ## these lines
	@sed -n "s/^\([a-z-]*\):.*## /make \1	/p" Makefile | expand -t 17

lab:  ## open the course in JupyterLab (further options: make lab ARGS="--no-browser --port=9000")
	@$(PYTHON) tools/env.py lab
	@exec $(VENV) $(LAB) $(ARGS)

check:  ## style, unit tests and every notebook on the embedded digits: some minutes, no browser
	@$(PYTHON) tools/env.py dev
	@$(VENV) tools/check.py

test:  ## everything: make check, every control, notebooks on MNIST (where COURSE_DATA has it), lessons and pages in a real browser
	@$(PYTHON) tools/env.py dev --browser
	@$(VENV) tools/check.py all

test-colab:  ## the panels and the notebooks on the versions that Colab has, in classic Notebook too
	@$(PYTHON) tools/env.py colab --browser
	@.venv-colab/bin/python tools/check.py colab

lanes:  ## notebooks and every control on the lowest, the newest and Colab's versions (some: make lanes LANES="lowest")
	@$(PYTHON) tools/lanes.py $(LANES)

mutants:  ## break each exercise's check in small ways: does an answer notice? (some: make mutants MUTANTS="01 clinic-3")
	@$(PYTHON) tools/env.py dev
	@$(VENV) tools/mutants.py $(MUTANTS)

claims:  ## every claim of the lessons over five seeds; writes tests/claims/results.md
	@$(PYTHON) tools/env.py dev
	@OMP_NUM_THREADS=1 $(VENV) -m pytest -q tests/claims --seeds 5

bench:  ## every speed, measured side by side for up to an hour; writes benchmarks/results.md (a part: ARGS=panels)
	@$(PYTHON) tools/env.py bench --browser
	@$(VENV) benchmarks/run.py $(ARGS)

pictures:  ## the first picture of each lesson, notebooks/images/
	@$(PYTHON) tools/env.py dev
	@$(VENV) tools/pictures.py

site:  ## the lessons as pages to read without a kernel, build/site/index.html: minutes the first time, then seconds
	@$(PYTHON) tools/env.py dev
	@$(VENV) tools/pages.py

badges:  ## badges and set-up cells for Colab (of a fork: make badges REPO=owner/name REF=branch)
	@$(PYTHON) tools/env.py dev
	@$(VENV) tools/badges.py $(if $(REPO),--repo $(REPO)) $(if $(REF),--ref $(REF))

handout:  ## build/handout/: the notebooks for learners, and for teachers with solutions and known wrong answers
	@$(PYTHON) tools/env.py dev
	@$(VENV) tools/handout.py

clean-progress:  ## forget which exercises are done (what my_progress shows)
	@rm -f "$(PROGRESS)" "$(PROGRESS)".lock "$(PROGRESS)".damaged-*

format:  ## bring code and notebooks into shape: ruff, outputs stripped
	@$(PYTHON) tools/env.py dev
	@$(VENV) -m nbstripout --keep-id notebooks/*.ipynb
	@$(VENV) -m ruff check --quiet --fix . ; $(VENV) -m ruff format .
