"""A training panel as it meets the eye: before Play, marked, many runs, its inside, by keys and to a screen reader."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import notebooks
from tests.browser.lab import running_lab, wait_until
from tests.browser.scenarios import press
from tests.browser.test_panels import ASK

NOTEBOOK = "training.ipynb"
PANEL = """
from course_utils.experiment import Experiment
from course_utils.panels import TrainingPanel
e = Experiment(data="digits", hidden=(16,), activation="relu", lr=0.1, epochs=2)
panel = TrainingPanel(e, earlier=[e.but(seed=seed) for seed in range(1, 6)])
panel
"""
# The columns of a canvas that show the first curve's colour.
BLUE = """canvas => {
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const blue = (x, y) => data[4 * (y * width + x) + 2] - data[4 * (y * width + x)] > 80;
    const each = (length) => Array.from({ length }, (_, i) => i);
    return each(width).filter((x) => each(height).some((y) => blue(x, y)));
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks.write(folder / NOTEBOOK, PANEL)
    with running_lab(tmp_path_factory.mktemp("jupyter"), notebooks=folder) as running:
        yield running


@pytest.fixture
def panel(notebook):
    opened = notebook(NOTEBOOK)
    opened.run_all()
    assert opened.errors() == []
    opened.ask = lambda expression: opened.page.evaluate(ASK, f"print({expression})")
    return opened


def heard(page):
    """What axe finds wrong with the panel."""
    found = Axe().run(page, context=".cu-training").response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


@pytest.mark.brief
def test_before_play_it_says_what_to_press_and_at_the_end_what_came_of_it(panel):
    page = panel.page
    headline = page.locator(".cu-headline")
    expect(headline).to_have_text("Press Play, and watch the loss fall below the dashed line (guessing).")
    play = page.get_by_role("button", name="Play")
    sizes = [json.loads(json.dumps(one.bounding_box())) for one in page.locator(".cu-training button").all()[:4]]
    assert max(sizes, key=lambda box: box["width"] * box["height"]) == play.bounding_box() == sizes[0]
    press(panel, "Play")
    expect(headline).to_contain_text("% of the test data right. Guessing: 10.0 %.")
    assert float(headline.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 18
    for plot in page.locator(".cu-plots canvas").all():
        columns = plot.evaluate(BLUE)
        assert columns == [*range(columns[0], columns[-1] + 1)]  # a line, without the gaps of the tests' dashes
        assert len(columns) > 0.8 * plot.evaluate("canvas => canvas.width")
    assert heard(page) == []


def test_labels_line_up_and_what_differs_from_the_start_is_marked(panel):
    page = panel.page
    page.get_by_role("button", name="More settings").click()
    ends = "es => es.map(e => [Math.round(e.getBoundingClientRect().right), getComputedStyle(e, '::before').content])"
    labels = page.locator(".cu-training .widget-label:visible")
    expect(labels).to_have_count(12)
    places = labels.evaluate_all(ends)
    assert len({right for right, _ in places}) <= 3  # a column of labels, a line
    assert {mark for _, mark in places} == {"none"}
    panel.choose("dropout", "0.2")
    expect(page.get_by_text("Changed since the start: dropout 0 → 0.2.")).to_be_visible()
    assert [mark for _, mark in labels.evaluate_all(ends)].count('"● "') == 1
    assert heard(page) == []
    panel.choose("dropout", "0")
    expect(page.get_by_text("Changed since the start")).to_be_hidden()


def test_more_than_four_runs_have_a_picture_each(panel):
    page = panel.page
    expect(page.locator(".cu-many figure:visible")).to_have_count(0)  # five are listed, none is trained
    for number in (1, 2, 3, 4):
        page.get_by_role("button", name=f"train {number}:").click()
        wait_until(lambda: panel.ask("panel.run.done and not panel.playing") == "True", 30, "the end of a run")
    press(panel, "Play")
    wait_until(lambda: panel.ask("panel.run.done and len(panel.runs)") == "5", 30, "the fifth run")
    expect(page.locator(".cu-many figure:visible")).to_have_count(4)
    expect(page.locator(".cu-many figcaption").first).to_contain_text("seed 1")
    assert heard(page) == []
    page.get_by_role("checkbox").nth(1).click()
    expect(page.locator(".cu-many figure:visible")).to_have_count(0)


def test_by_keys_alone_with_the_focus_in_sight(panel):
    page = panel.page
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Tab")
    for name in ("Step", "Epoch", "Reset", "Look inside"):
        focus = page.locator(":focus")
        expect(focus).to_have_text(name)
        assert focus.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        page.keyboard.press("Tab")
    panel.page.get_by_role("button", name="Look inside").focus()
    page.keyboard.press("Space")
    expect(page.locator(".cu-inside canvas:visible")).to_have_count(3)
    page.get_by_role("button", name="Copy panel as code").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cu-curves .cu-code:visible")).to_contain_text("TrainingPanel(Experiment(")


def test_its_inside_moves_while_it_trains(panel):
    page = panel.page
    panel.ask("panel.controls['epochs'].set_trait('value', 100)")
    press(panel, "Look inside")
    panel.choose("layer", "3 Linear")
    weights = ".cu-inside figure:last-child canvas"
    before = panel.until_changed(weights, None)
    press(panel, "Play")
    wait_until(lambda: panel.pixels(weights) != before, 10, "the weights to move")
    assert heard(page) == []
    press(panel, "Close the inside")
    expect(page.locator(".cu-inside")).to_be_hidden()
