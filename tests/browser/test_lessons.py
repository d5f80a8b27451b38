"""The lessons as a learner meets them: run from top to bottom in JupyterLab, and a knob turned."""

import pytest
from playwright.sync_api import expect

from course_utils import catalog
from tests.browser.scenarios import pictures_are_whole


@pytest.mark.parametrize("name", [catalog.place_of(path) for path in catalog.notebooks()])
def test_a_notebook_runs_and_shows_its_pictures(notebook, name):
    lesson = notebook(name)
    lesson.run_all()
    assert lesson.errors() == []
    pictures_are_whole(lesson, ".jp-OutputArea figure img:visible, .jp-MarkdownOutput img:visible")


@pytest.mark.brief
def test_the_start_pages_knob_answers_and_its_machine_is_ready(notebook):
    start = notebook("00_start_here.ipynb")
    start.run_all()
    picture, sentence = ".cu-picture img", start.page.locator(".cu-picture figcaption")
    expect(sentence).to_contain_text("SGD, lr 0.01: loss 68 at the start")
    creeping = start.pixels(picture)
    start.slider_drag("lr", 1.0)
    expect(sentence).to_contain_text("SGD, lr 3: loss 68 at the start; after 30 steps above 10,000")
    away = start.until_changed(picture, creeping)
    start.choose("optimizer", "Adam")
    expect(sentence).to_contain_text("Adam, lr 3:")
    start.until_changed(picture, away)
    assert start.page.get_by_text("This machine is ready: Python 3").is_visible()


@pytest.mark.brief
def test_links_of_the_start_page_open_in_jupyterlab(notebook):
    start = notebook("00_start_here.ipynb")
    start.page.get_by_role("link", name="where to go next").click()
    expect(start.page.get_by_role("heading", name="Where to go next")).to_be_visible()


@pytest.mark.brief
def test_the_knob_of_lesson_02_changes_the_picture(notebook):
    lesson = notebook("02_linear_regression.ipynb")
    lesson.run_all()
    picture = ".cu-picture img[alt*='2/λmax']"
    sentence = lesson.page.locator(".cu-picture figcaption", has_text="2/λmax")
    assert "SGD, lr 0.03" in sentence.inner_text()
    slow = lesson.pixels(picture)

    knob = {"nth": 2}  # above it the lr of the opening and that of the loop by hand
    lesson.slider_keys("lr", 12, **knob)
    expect(sentence).to_contain_text("lr 0.119")
    faster = lesson.until_changed(picture, slow)

    lesson.slider_drag("lr", 1.0, **knob)
    expect(sentence).to_contain_text("lr 3:")
    blown_up = lesson.until_changed(picture, faster)
    expect(sentence).to_contain_text("loss above 10,000")

    lesson.choose("optimizer", "Adam")
    lesson.until_changed(picture, blown_up)
    expect(sentence).to_contain_text("Adam, lr 3:")
    # The sentence is the picture's text alternative too.
    assert lesson.page.locator(picture).get_attribute("alt") == sentence.inner_text()
    assert lesson.errors() == []
