"""What is done with panels in JupyterLab and in classic Notebook alike.

Each of the two has a fixture `panels`: a notebook with the cells of `PANELS`, opened and run. Its `ask(expression)`
gives what print shows of the value in the kernel.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.lab import wait_until

PANELS = (
    """
from course_utils.experiment import Experiment
from course_utils.panels import DrawPad, Explorer, LogSlider, TrainingPanel, live
panel = TrainingPanel(Experiment(data="digits", hidden=(32,), lr=0.1, epochs=5000))
panel
""",
    """
def draw(axes, lr, divisor):
    axes.plot([lr, 1 / divisor])
    return f"From {lr:g} to {1 / divisor:g}."

explorer = Explorer(draw, lr=LogSlider(0.001, 1, value=0.01), divisor=[1, 2, 0])
explorer
""",
    """
run = Experiment(data="digits", hidden=(32,), activation="relu", optimizer="Adam", lr=0.01).start()
run.step(200)
pad = DrawPad(run.model, size=8)
pad
""",
)


def press(opened, name):
    opened.page.get_by_role("button", name=name).first.click()


def type_into_box(opened, label, text):
    """Type into the number box beside a slider."""
    box = opened.slider(label).locator("xpath=..").locator("input[type=text]")
    box.fill(text)
    box.press("Enter")


def pictures_are_whole(opened, selector):
    """Does every visible picture show something, and say what?"""
    pictures = opened.page.locator(selector)
    for i in range(pictures.count()):
        assert pictures.nth(i).evaluate("image => image.naturalWidth") > 0, pictures.nth(i).get_attribute("alt")
        assert len(pictures.nth(i).get_attribute("alt")) > 20


@pytest.mark.brief
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
    steps = panels.ask("len(panel.history.step_loss)")
    expect(page.locator(".cu-sentence")).to_contain_text(f"({int(steps):,} steps)")
    assert page.locator(".cu-plots").get_attribute("aria-label") == page.locator(".cu-sentence").inner_text()

    press(panels, "Copy as code")
    expect(page.get_by_text("Copied.")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    assert code == panels.ask("repr(panel.experiment)")
    check = f"(lambda run: run.step({steps}).step_loss == panel.history.step_loss)({code}.start())"
    assert panels.ask(check) == "True"

    press(panels, "Reset")
    expect(page.locator(".cu-curves table")).to_be_visible()
    assert panels.ask("len(panel.history.step_loss), len(panel.runs)") == "0 1"
    page.get_by_role("button", name="remove 1").click()
    expect(page.locator(".cu-curves table")).to_be_hidden()
    assert panels.ask("panel.runs") == "[]"


@pytest.mark.brief
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


def draw_and_play_by_keys(panels, pause):
    """Draw a stroke, take it back, and play until `pause` is pressed."""
    page = panels.page
    page.locator(".cu-pad canvas").focus()
    for key in ["Space", *["ArrowDown"] * 5, "Space"]:
        page.keyboard.press(key)
    expect(page.locator(".cu-pad p")).to_contain_text("Most likely")
    wait_until(lambda: panels.ask("pad.strokes[0][-1]") == "[140, 180]", 10, "the end of the stroke")
    page.keyboard.press("Backspace")
    expect(page.locator(".cu-pad p")).to_have_text("Draw a digit.")
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(pause)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
