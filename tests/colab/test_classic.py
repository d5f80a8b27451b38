"""Panels and notebooks on Colab's versions, in a real classic Notebook."""

from importlib import metadata

import pytest
from packaging.requirements import Requirement
from playwright.sync_api import expect

from course_utils import catalog
from tests.browser.lab import ROOT, wait_until


def press(opened, name):
    opened.page.get_by_role("button", name=name).first.click()


def type_into_box(opened, label, text):
    """Type into the number box beside a slider."""
    box = opened.slider(label).locator("xpath=..").locator("input[type=text]")
    box.fill(text)
    box.press("Enter")


def test_these_are_colabs_versions(panels):
    lines = (line.partition("#")[0].strip() for line in (ROOT / "tests/colab/constraints.txt").read_text().splitlines())
    pins = [pin for pin in map(Requirement, filter(None, lines)) if not pin.marker or pin.marker.evaluate()]
    here = {one.name.lower(): one.version for one in metadata.distributions()}
    here = {name: version for name, version in here.items() if name in {pin.name for pin in pins}}
    assert {"torch", "ipywidgets", "notebook"} < set(here)  # of the others Colab has more than the course needs
    assert [str(pin) for pin in pins if pin.name in here and not pin.specifier.contains(here[pin.name])] == []
    running = panels.ask("__import__('ipywidgets').__version__")
    assert f"ipywidgets=={running}" in map(str, pins)


def test_a_deprecated_argument_is_an_error_in_this_kernel(panels):
    assert "Passing unrecogni" in panels.ask("__import__('ipywidgets').Text(no_such_argument=1)")
    shown = "__import__('warnings').warn_explicit('old', DeprecationWarning, 'x.py', 1, module='course_utils.panels.x')"
    assert panels.ask(shown) == "old"


def test_play_turn_the_knob_while_it_trains_pause_copy_and_reset(panels):
    page = panels.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    empty = panels.pixels(".cu-plots canvas")
    press(panels, "Play")
    wait_until(lambda: panels.pixels(".cu-plots canvas") not in (None, empty), 10, "the curve to appear")
    type_into_box(panels, "lr", "0.25")
    wait_until(lambda: "'lr', 0.25" in panels.ask("panel.history.changes"), 10, "the new learning rate")
    panels.choose("optimizer", "Adam")
    wait_until(lambda: "'optimizer', 'Adam'" in panels.ask("panel.history.changes"), 10, "the new optimizer")
    press(panels, "Pause")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    steps = panels.ask("len(panel.history.steps)")
    expect(page.locator(".cu-sentence")).to_contain_text(f"({int(steps):,} steps)")
    assert page.locator(".cu-plots").get_attribute("aria-label") == page.locator(".cu-sentence").inner_text()

    press(panels, "Copy as code")
    expect(page.get_by_text("Copied.")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    assert code == panels.ask("repr(panel.experiment)")
    check = f"(lambda run: run.step({steps}).steps == panel.history.steps)({code}.start())"
    assert panels.ask(check) == "True"

    press(panels, "Reset")
    expect(page.locator(".cu-curves table")).to_be_visible()
    assert panels.ask("len(panel.history.steps), len(panel.runs)") == "0 1"
    page.get_by_role("button", name="remove 1").click()
    expect(page.locator(".cu-curves table")).to_be_hidden()
    assert panels.ask("panel.runs") == "[]"


def test_a_knob_gives_a_new_picture(panels):
    picture, sentence = ".cu-picture img", panels.page.locator(".cu-picture figcaption")
    first = panels.pixels(picture)
    panels.slider_keys("lr", 12, nth=1)
    expect(sentence).to_have_text("From 0.0398 to 1.")
    second = panels.until_changed(picture, first)
    panels.slider_drag("lr", 1.0, nth=1)
    expect(sentence).to_have_text("From 1 to 1.")
    third = panels.until_changed(picture, second)
    panels.choose("divisor", "2")
    expect(sentence).to_have_text("From 1 to 0.5.")
    panels.until_changed(picture, third)
    assert panels.page.locator(picture).get_attribute("alt") == sentence.inner_text()


def test_a_digit_is_drawn_taken_back_and_cleared(panels):
    page = panels.page
    canvas, sentence = page.locator(".cu-pad canvas"), page.locator(".cu-pad p")
    bars = "[...document.querySelectorAll('.cu-pad td:last-child')].map(cell => parseInt(cell.textContent)).join(', ')"

    def shown():
        """The bars' numbers, once they are those of the whole drawing."""
        said = "', '.join(f'{100 * p:.0f}' for p in pad.probabilities)"
        return wait_until(lambda: page.evaluate(bars) == panels.ask(said) and page.evaluate(bars), 10, "the bars")

    def draw(x, count):
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + x, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + x, box["y"] + 180, steps=10)
        page.mouse.up()
        end = "len(pad.strokes), pad.strokes[-1:] and pad.strokes[-1][-1][1] > 200"
        wait_until(lambda: panels.ask(end) == f"{count} True", 10, "the stroke to arrive")

    draw(120, 1)
    one = shown()
    expect(sentence).to_contain_text("Most likely")
    draw(200, 2)
    assert shown() != one
    page.locator(".cu-pad").get_by_role("button", name="Undo").click()
    wait_until(lambda: panels.ask("len(pad.strokes)") == "1", 10, "one stroke to be taken back")
    assert shown() == one
    page.locator(".cu-pad").get_by_role("button", name="Clear").click()
    expect(sentence).to_have_text("Draw a digit.")
    assert panels.ask("pad.strokes") == "[]"


def test_drawing_and_playing_need_no_mouse(panels):
    """Classic Notebook takes keys for itself too: the arrows choose a cell, Space scrolls, Enter opens a cell."""
    page = panels.page
    page.locator(".cu-pad canvas").focus()
    for key in ["Space", *["ArrowDown"] * 5, "Space"]:
        page.keyboard.press(key)
    expect(page.locator(".cu-pad p")).to_contain_text("Most likely")
    assert panels.ask("pad.strokes[0][-1]") == "[140, 180]"
    page.keyboard.press("Backspace")
    expect(page.locator(".cu-pad p")).to_have_text("Draw a digit.")
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.locator(".cu-curves").get_by_role("button", name="Copy as code").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cu-code")).to_be_visible()
    assert page.evaluate("Jupyter.notebook.mode") == "command"


@pytest.mark.parametrize("name", [catalog.place_of(path) for path in catalog.notebooks()])
def test_a_notebook_runs_and_shows_its_pictures(notebook, name, lab):
    lab.end_kernels()  # those of pages that are closed by now: an open one would end its kernel too
    lesson = notebook(name)
    lesson.run_all()
    assert lesson.errors() == []
    pictures = lesson.page.locator(".output figure img:visible, .text_cell_render img:visible")
    for i in range(pictures.count()):
        assert pictures.nth(i).evaluate("image => image.naturalWidth") > 0, pictures.nth(i).get_attribute("alt")
    # Classic Notebook sets formulas by asking for a font that is not there.
    lesson.page.console_errors[:] = [
        text for text in lesson.page.console_errors if "about:blank" not in text and "ERR_FAILED" not in text
    ]
    lesson.page.foreign_requests[:] = [url for url in lesson.page.foreign_requests if url != "about:blank"]
