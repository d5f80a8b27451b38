"""Panels in a real JupyterLab: played, steered, copied, drawn on, broken."""

import pytest
from playwright.sync_api import expect

from tests import notebooks
from tests.browser.lab import running_lab, wait_until
from tests.browser.scenarios import (
    PANELS,
    SIGNS,
    draw_and_play_by_keys,
    press,
    test_a_contact_sheet_of_500_gets_one_drawing_more_for_one_that_is_kept,  # noqa: F401
    test_a_digit_is_drawn_taken_back_and_cleared,  # noqa: F401
    test_a_sign_is_drawn_and_kept_by_keys_alone,  # noqa: F401
    test_play_turn_the_knob_while_it_trains_pause_copy_and_reset,  # noqa: F401
    test_signs_are_drawn_learned_and_recognised,  # noqa: F401
    test_signs_are_kept_taken_back_named_and_deleted,  # noqa: F401
    type_into_box,
)

NOTEBOOK = "panels.ipynb"

ASK = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false, silent: false });
    let text = "";
    future.onIOPub = message => {
        if (message.header.msg_type === "stream") text += message.content.text;
        if (message.header.msg_type === "error") text += message.content.evalue;
    };
    await future.done;
    return text.trim();
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """`make lab` over one notebook with a panel of each kind, and one with the pad that collects."""
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks.write(folder / NOTEBOOK, *PANELS)
    notebooks.write(folder / "signs.ipynb", *SIGNS)
    with running_lab(tmp_path_factory.mktemp("jupyter"), notebooks=folder) as running:
        yield running


def ready(notebook, name):
    """The notebook, opened and run; its `ask(expression)` gives the value in the kernel as text."""
    opened = notebook(name)
    opened.run_all()
    assert opened.errors() == []
    opened.ask = lambda expression: opened.page.evaluate(ASK, f"print({expression})")
    return opened


@pytest.fixture
def panels(notebook):
    return ready(notebook, NOTEBOOK)


@pytest.fixture
def signs(notebook):
    return ready(notebook, "signs.ipynb")


def test_a_typed_number_stays_as_typed_and_nonsense_is_flagged(panels):
    type_into_box(panels, "lr", "0.0123")
    wait_until(lambda: panels.ask("panel.controls['lr'].value") == "0.0123", 10, "the number typed")
    for nonsense in ("abc", "0", "1e9"):
        type_into_box(panels, "lr", nonsense)
        flag = panels.page.get_by_text("it must be a number from 0.0001 to 10.")
        expect(flag.first).to_be_visible()
        assert panels.ask("panel.controls['lr'].value") == "0.0123"
    type_into_box(panels, "lr", "0.5")
    expect(flag).to_have_count(0)


def test_an_error_planted_in_a_callback_shows_beside_the_picture(panels):
    picture = panels.pixels(".cu-picture img")
    panels.choose("divisor", "0")
    alert = panels.page.locator(".cu-picture pre")
    expect(alert).to_contain_text("ZeroDivisionError: division by zero")
    expect(alert).to_contain_text("axes.plot([lr, 1 / divisor])")
    assert panels.ask("[type(error).__name__ for error in explorer.errors]") == "['ZeroDivisionError']"
    panels.choose("divisor", "2")
    expect(alert).to_be_hidden()
    panels.until_changed(".cu-picture img", picture)


def test_drawing_and_playing_need_no_mouse(panels):
    draw_and_play_by_keys(panels, pause="Space")


def test_the_cell_run_again_while_it_trains_replaces_the_panel(panels):
    press(panels, "Play")
    wait_until(lambda: panels.ask("len(panel.history.step_loss) > 10") == "True", 10, "training")
    panels.ask("globals().update(old=panel)")
    panels.run_all()
    assert panels.ask("old.closed, old.playing, panel is old") == "True False False"
    assert panels.ask("[type(one).__name__ for one in live].count('TrainingPanel')") == "1"
    assert panels.page.locator(".cu-curves").count() == 1


def test_an_interrupt_while_it_plays_leaves_the_panel_alive(panels):
    press(panels, "Play")
    wait_until(lambda: panels.ask("len(panel.history.step_loss) > 10") == "True", 10, "training")
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    panels.page.evaluate(f"async () => {{ await {kernel}.interrupt(); }}")
    press(panels, "Pause")
    expect(panels.page.get_by_role("button", name="Play")).to_be_visible()
    steps = panels.ask("len(panel.history.step_loss)")
    press(panels, "Step")
    wait_until(lambda: panels.ask("len(panel.history.step_loss)") == str(int(steps) + 1), 10, "one more step")
    assert panels.ask("panel.errors") == "[]"


def test_a_reloaded_page_shows_the_run_that_went_on(panels):
    press(panels, "Play")
    wait_until(lambda: panels.ask("len(panel.history.train_loss)") != "0", 10, "an epoch")
    page = panels.page
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.locator(".cu-plots canvas").first.wait_for()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    before = panels.pixels(".cu-plots canvas")
    wait_until(lambda: panels.pixels(".cu-plots canvas") not in (None, before), 10, "the curve to grow")
    press(panels, "Pause")
    expect(page.locator(".cu-sentence")).to_contain_text("the training loss is")
