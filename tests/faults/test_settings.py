"""A notebook's own settings and random numbers: `check` neither minds them nor moves them."""

import json

import pytest

from course_utils.exercises import groups, modules
from tests.kernels import Kernel

NAMES = [name for group in groups() for name in modules(group)]
ALL = 100  # tries from which on every exercise is tried
PREPARE = """
import json, os, random, threading
import numpy as np, torch
from course_utils.exercises import check, find

def settings():
    return [str(torch.get_default_dtype()), str(torch.get_default_device()), torch.is_grad_enabled(),
            torch.get_num_threads(), os.getcwd(), torch.get_rng_state().tolist(), repr(np.random.get_state()),
            random.getstate(), sorted(one.name for one in threading.enumerate())]

def lost(name):
    exercise = find(name)
    right = exercise.right.program() if exercise.value else exercise.right.program
    check(name, right)  # what loads at the first time
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    before = settings()
    found = [outcome.status for outcome in (check(name, right), check(name, lambda *given: 1 / 0))]
    changed = [i for i, (one, two) in enumerate(zip(before, settings())) if one != two]
    return "" if found[0] == "right" and not changed else f"{name}: {found}, changed: {changed}"
"""
# What the notebook's cells have set before.
SETTINGS = {
    "float64": "torch.set_default_dtype(torch.float64)",
    "float16": "torch.set_default_dtype(torch.float16)",
    "another default device": "torch.set_default_device('meta')",
    "no gradients": "torch.set_grad_enabled(False)",
    "warnings are errors": "import warnings; warnings.simplefilter('error')",
    "another directory": "os.makedirs('other', exist_ok=True); os.chdir('other')",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings(setting, row, times, chance, tmp_path):
    """A check of a right answer and of one that fails, under a notebook's own settings."""
    names = NAMES if times >= ALL else chance.sample(NAMES, min(len(NAMES), times))
    with Kernel(tmp_path, COURSE_OFFLINE="1", COURSE_PROGRESS=str(tmp_path / "progress.json")) as kernel:
        kernel.run(PREPARE, seconds=120)
        kernel.run(SETTINGS[setting])
        for name in names:
            with row.attempt(name):
                said = json.loads(kernel.run(f"print(json.dumps(lost({name!r})))", seconds=60).splitlines()[-1])
                assert not said, said
