"""What a broken or hostile page may send to the widgets of a panel."""

import json

import pytest

from tests.kernels import Kernel

PREPARE = """
import json
from course_utils import models
from course_utils.experiment import Experiment
from course_utils.panels import DrawPad, Explorer, LogSlider, NumberGrid, SignPad, TrainingPanel, ask, live
from course_utils.panels.base.panel import family

def draw(axes, **values):
    axes.plot([1, 2])
    return "A line."

def all_kinds():
    grid = NumberGrid({"none": [[0, 0]], "one": [[1, 1]]})
    return {
        "training": TrainingPanel(Experiment(data="digits", hidden=(16,), epochs=2)),
        "explorer": Explorer(draw, a=LogSlider(0.1, 1), b=(1, 3), c=(0.0, 1.0), d=True, e=["x", "y"], g=grid),
        "pad": DrawPad(models.mlp(hidden=(16,)), view=lambda axes, image: "A look."),
        "signs": SignPad(["arrow", "house"], file="signs.npz"),
        "guess": ask("which", "Which?", ["one", "two"]),
    }

def fine():
    panels["training"].step()
    panels["explorer"].controls["b"].value = 2
    panels["pad"].strokes = []
    panels["pad"].strokes = [[[10, 10], [200, 200]]]
    sentence = panels["guess"].reveal("one", of="which")
    return panels["training"].wait(20) and len(panels["pad"].probabilities) == 10 and "The outcome: one" in sentence
"""
CELL = "for one in list(live): one.close()\npanels = all_kinds()"
TARGETS = "print(json.dumps([[one.model_id, list(one.keys)] for panel in live for one in family(panel.widget)]))"
VALUES = (
    None, True, -1, 0, 10**400, float("nan"), float("inf"), 1e308, "", "<script>", "\x00", "x" * 10**6, [], [[]], {},
    {"a": 1}, [None] * 1000, [[["a", 1]]], [[[1e300, 0]]], "IPY_MODEL_none", ["IPY_MODEL_none"],
)  # fmt: skip
CUSTOM = (
    None,
    1,
    "remove",
    [],
    {"remove": None},
    {"remove": [1]},
    {"show": 1},
    {"show": {}, "visible": {}},
    {"event": "click"},
)


@pytest.fixture
def kernel(tmp_path):
    with Kernel(tmp_path, COURSE_HEADLESS="0", COURSE_OFFLINE="1") as running:
        running.run(PREPARE, seconds=120)
        yield running


@pytest.mark.quick
def test_messages(row, times, chance, kernel):
    """Messages to a panel's widgets that no page of ours sends, fifty a try."""
    for _ in range(times):
        kernel.run(CELL, "cell")
        targets = json.loads(kernel.run(TARGETS).splitlines()[-1])
        with row.attempt("fifty messages"):
            for _ in range(50):
                kernel.answer(kernel.send_to_widget(*message(chance, *chance.choice(targets))), 20)
            kernel.run(CELL, "cell", 20)
            assert kernel.run("print(fine())", seconds=30).endswith("True")


@pytest.mark.quick
def test_points(row, kernel):
    """A million points on the pad."""
    kernel.run(CELL, "cell")
    pad = kernel.run("print(panels['pad'].main.model_id)").splitlines()[-1]
    with row.attempt("a million"):
        kernel.answer(kernel.send_to_widget(pad, update("strokes", [[[1, 2]] * 1_000_000])), 8)
        assert "1,000,000 points" in kernel.run("print(panels['pad'].error)")
        assert kernel.run("print(fine())", seconds=30).endswith("True")


def message(chance, widget, names):
    """A message to `widget`: a wrong value for one of its traits, a name that is none, or one of no protocol."""
    kind = chance.random()
    if kind < 0.8:
        return widget, update(chance.choice([*names, "no such name"]), chance.choice(VALUES))
    if kind < 0.9:
        return widget, {"method": "custom", "content": chance.choice(CUSTOM)}
    return widget, chance.choice([{}, {"method": "none"}, {"method": "update"}, {"method": "update", "state": 3}])


def update(name, value):
    return {"method": "update", "state": {name: value}, "buffer_paths": []}
