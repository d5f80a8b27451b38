"""Panels and notebooks on Colab's versions, in a real classic Notebook."""

from importlib import metadata

import pytest
from packaging.requirements import Requirement
from playwright.sync_api import expect

from course_utils import catalog
from tests.browser.lab import ROOT
from tests.browser.scenarios import (
    draw_and_play_by_keys,
    pictures_are_whole,
    test_a_contact_sheet_of_500_gets_one_drawing_more_for_one_that_is_kept,  # noqa: F401
    test_a_digit_is_drawn_taken_back_and_cleared,  # noqa: F401
    test_a_sign_is_drawn_and_kept_by_keys_alone,  # noqa: F401
    test_play_turn_the_knob_while_it_trains_pause_copy_and_reset,  # noqa: F401
    test_signs_are_drawn_learned_and_recognised,  # noqa: F401
    test_signs_are_kept_taken_back_named_and_deleted,  # noqa: F401
)


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


def test_drawing_and_playing_need_no_mouse(panels):
    """Classic Notebook takes keys for itself too: the arrows choose a cell, Space scrolls, Enter opens a cell."""
    draw_and_play_by_keys(panels, pause="Enter")
    page = panels.page
    page.locator(".cu-curves").get_by_role("button", name="Copy as code").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cu-code:not(.cu-printed)")).to_be_visible()
    assert page.evaluate("Jupyter.notebook.mode") == "command"


@pytest.mark.parametrize("name", [catalog.place_of(path) for path in catalog.notebooks()])
def test_a_notebook_runs_and_shows_its_pictures(notebook, name, lab):
    lab.end_kernels()  # those of pages that are closed by now: an open one would end its kernel too
    lesson = notebook(name)
    lesson.run_all()
    assert lesson.errors() == []
    pictures_are_whole(lesson, ".output figure img:visible, .text_cell_render img:visible")
    # Classic Notebook sets formulas by asking for a font that is not there.
    lesson.page.console_errors[:] = [
        text for text in lesson.page.console_errors if "about:blank" not in text and "ERR_FAILED" not in text
    ]
    lesson.page.foreign_requests[:] = [url for url in lesson.page.foreign_requests if url != "about:blank"]
