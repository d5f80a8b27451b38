"""The benchmarks: what is written down of them, when they refuse to measure, and that what needs a GPU runs without."""

import os
import subprocess
import sys

import pytest
import torch

from benchmarks import gpu, machine, run

pytestmark = pytest.mark.rest
TRAINING, SWEEP = (f"## {run.PARTS[part][0]}\n\nOn some day.\n\n### R1\n\n| a |" for part in ("training", "sweep"))
FREE = machine.Look(load=0.1, spread=0.05, others=[(3.0, "editor", 7)])
BUSY = machine.Look(load=0.1, spread=1.3, others=[(99.0, "miner", 8)])


def test_sections_come_in_one_order_whatever_ran_first():
    late = run.merged(run.merged("", SWEEP), TRAINING)
    assert late == run.merged(run.merged("", TRAINING), SWEEP)
    assert late == f"{run.HEAD}\n\n{TRAINING}\n\n{SWEEP}\n"


def test_a_part_measured_anew_replaces_its_old_self_only():
    text = run.merged(run.merged("", TRAINING), SWEEP)
    newer = SWEEP.replace("some day", "another day")
    assert run.merged(text, newer) == f"{run.HEAD}\n\n{TRAINING}\n\n{newer}\n"


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """bench(*looks): run.main() for the part sweep, which prints "| new |", while the machine looks like `looks`.

    Returns the text of results.md, which said "| old |" of it before. `bench.measured` counts the measurements.
    """
    (tmp_path / "results.md").write_text(run.merged("", f"## {run.PARTS['sweep'][0]}\n\n| old |"))
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "PACKAGES", ("torch",))  # the peers that `make bench` installs aren't needed here
    monkeypatch.setattr(sys, "argv", ["run.py", "sweep"])
    monkeypatch.delenv("FORCE", raising=False)

    def table(part, arguments):
        start.measured += 1
        return "| new |"

    def start(*looks):
        waiting = list(looks)
        monkeypatch.setattr(machine, "look", lambda judge_load=True: waiting.pop(0))
        run.main()
        return (tmp_path / "results.md").read_text()

    start.measured = 0
    start.results = tmp_path / "results.md"
    monkeypatch.setattr(run, "table", table)
    return start


def test_a_free_machine_is_measured_and_the_section_says_that_it_was_free(bench):
    text = bench(FREE, FREE)
    assert "| new |" in text and "| old |" not in text
    assert "Load before: 0.1; a fixed computation varied by 5 %." in text and "busy" not in text


def test_a_busy_machine_is_not_measured_and_one_sentence_says_who_disturbs(bench):
    with pytest.raises(SystemExit) as refusal:
        bench(BUSY)
    for told in ("miner (pid 8, 99 % CPU)", "takes up to 130 % longer", "FORCE=1 measures anyway."):
        assert told in str(refusal.value)
    assert bench.measured == 0 and "| old |" in bench.results.read_text()


def test_a_machine_that_became_busy_meanwhile_leaves_the_old_figures(bench):
    with pytest.raises(SystemExit, match=r"became busy, so .* keeps what it said of sweep: .*miner"):
        bench(FREE, BUSY)
    assert bench.measured == 1 and "| old |" in bench.results.read_text()


@pytest.mark.parametrize("looks", [(BUSY, FREE), (FREE, BUSY)])
def test_forced_it_measures_and_says_that_the_machine_was_busy(bench, monkeypatch, looks):
    monkeypatch.setenv("FORCE", "1")
    text = bench(*looks)
    assert "| new |" in text and "**Measured on a busy machine:**" in text and "miner (pid 8" in text


def test_force_0_does_not_force(bench, monkeypatch):
    monkeypatch.setenv("FORCE", "0")
    with pytest.raises(SystemExit):
        bench(BUSY)


def test_a_load_that_the_benchmarks_made_themselves_is_no_trouble():
    loaded = {"load": 9.0 * machine.os.cpu_count(), "spread": 0.0, "others": []}
    assert "no process that could be seen" in machine.Look(**loaded).trouble
    assert machine.Look(**loaded, judge_load=False).trouble == ""


@pytest.mark.process
def test_a_busy_process_is_found_named_and_refused(monkeypatch):
    monkeypatch.delenv("FORCE", raising=False)
    code = "print('started', flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as busy:
        busy.stdout.readline()
        try:
            seen = machine.look(judge_load=False)
        finally:
            busy.kill()
    assert busy.pid in [pid for _, _, pid in seen.others]
    with pytest.raises(SystemExit, match=r"^The machine is busy: .*others use .* FORCE=1 measures anyway\.$"):
        run.refuse(seen.trouble, "The machine is busy")


def test_the_part_gpu_runs_only_when_asked_for(bench, monkeypatch):
    monkeypatch.setattr(machine, "look", lambda judge_load=True: FREE)
    monkeypatch.setattr(run, "table", lambda part, arguments: f"| {part} |")
    for arguments, there in (([], False), (["gpu"], True)):
        monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
        run.main()
        assert ("## On a GPU" in bench.results.read_text()) == there
        assert "| startup |" in bench.results.read_text()


def test_a_row_whose_package_is_missing_says_so_and_the_others_are_measured():
    def panel():
        raise ModuleNotFoundError("No module named 'anywidget'")

    seconds = iter((9.0, 1.0, 2.0, 3.0))  # the first of them warms up
    found = gpu.medians({"panel": panel, "run alone": lambda: next(seconds)}, turns=3)
    assert found == {"panel": "NOT RUN: No module named 'anywidget'", "run alone": 2.0}


@pytest.fixture
def setting(empty_data_dir):
    """R1 of 704 made-up images, in batches of 64, at a rate at which it learns something of them."""
    train, test = gpu.images(gpu.Sizes(quick=True))
    return gpu.training.Setting("R1", 64, 1.0, (None, gpu.first(train, 704), test), gpu.training.R1)


def trained(setting, way):
    model = setting.model()
    way(setting, model)()
    return model


def test_the_steps_of_the_floor_train_as_fit_does(setting):
    ends = [trained(setting, way) for way in (gpu.fit_as_it_is, gpu.GraphOfSteps)]
    assert all(torch.allclose(*pair, atol=1e-6) for pair in zip(*(model.parameters() for model in ends), strict=True))


def test_two_ways_that_train_differently_are_no_comparison(setting):
    fitted = trained(setting, gpu.fit_as_it_is)
    assert gpu.why_not_same(setting, "the floor", fitted, trained(setting, gpu.fit_on_moved)) == []
    setting.lr = 0.5
    (sentence,) = gpu.why_not_same(setting, "the floor", fitted, trained(setting, gpu.fit_as_it_is))
    assert "R1: the floor trains to another network than `fit`: " in sentence


def test_a_way_that_trains_differently_makes_the_program_fail(monkeypatch, empty_data_dir):
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--quick"])
    for part in ("many_networks", "lesson_04", "training_panel"):
        monkeypatch.setattr(gpu, part, lambda pair, sizes: None)
    monkeypatch.setattr(gpu, "WAYS", {gpu.BY_FIT: gpu.fit_as_it_is, "nothing": lambda setting, model: lambda: None})
    with pytest.raises(SystemExit, match=r"R1: .*nothing trains to another network .*\nR2: "):
        gpu.main()


@pytest.mark.rest
@pytest.mark.process
def test_what_a_gpu_is_measured_with_runs_to_its_end_on_the_cpu(tmp_path):
    environment = {**os.environ, "COURSE_DATA": str(tmp_path), "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.gpu", "--quick"]
    done = subprocess.run(command, env=environment, cwd=run.HERE.parent, stdout=subprocess.PIPE, text=True, check=True)
    where, *tables = done.stdout.split("\n### ")
    assert f"torch {torch.__version__}" in where and "made-up images of MNIST's shape" in where
    rows = {}
    for text in tables:
        title, *lines = text.splitlines()
        rows[title.partition(",")[0]] = sum(line.startswith("| ") for line in lines) - 1  # one is the heads
    assert rows == {
        "R1: 784-128-256-10": 4, "R2: the CNN of lesson 04": 4, "Many networks": 5, "Lesson 04's CNN": 1, "A panel": 2,
    }  # fmt: skip
    assert "NOT RUN" not in done.stdout and done.stdout.splitlines()[-1].startswith("All of it took ")
