"""results.md of the benchmarks: a part measured anew takes its own place, and the others stay."""

import importlib.util
import pathlib

SPEC = importlib.util.spec_from_file_location("run", pathlib.Path(__file__).parents[3] / "benchmarks" / "run.py")
run = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run)
TRAINING, SWEEP = (f"## {run.PARTS[part][0]}\n\nOn some day.\n\n### R1\n\n| a |" for part in ("training", "sweep"))


def test_sections_come_in_one_order_whatever_ran_first():
    late = run.merged(run.merged("", SWEEP), TRAINING)
    assert late == run.merged(run.merged("", TRAINING), SWEEP)
    assert late == f"{run.HEAD}\n\n{TRAINING}\n\n{SWEEP}\n"


def test_a_part_measured_anew_replaces_its_old_self_only():
    text = run.merged(run.merged("", TRAINING), SWEEP)
    newer = SWEEP.replace("some day", "another day")
    assert run.merged(text, newer) == f"{run.HEAD}\n\n{TRAINING}\n\n{newer}\n"
