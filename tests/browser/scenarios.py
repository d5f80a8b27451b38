"""What is done with panels in JupyterLab and in classic Notebook alike.

Each of the two has fixtures `panels` and `signs`: a notebook with the cells of `PANELS` or `SIGNS`, opened and run. Its
`ask(expression)` gives what print shows of the value in the kernel.
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

SIGNS = (
    """
import pathlib
from course_utils.panels import DrawPad, SignPad, live
pathlib.Path("my_signs.npz").unlink(missing_ok=True)
pad = SignPad(classes=["arrow", "house"])
pad
""",
    """
import torch
from torch import nn

def learn(train):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, len(train.classes)))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = nn.functional.cross_entropy(model(train.images), train.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model

model = nn.Sequential(nn.Flatten(), nn.Linear(784, 2))  # until some are drawn
asked = DrawPad(lambda X: model(X), classes=["arrow", "house"], prompt="Draw one of your signs.")
asked
""",
)
# Corners of strokes, from the upper left corner of the square.
SHAPES = {
    "arrow": [[(50, 120), (190, 120)], [(140, 70), (190, 120), (140, 170)]],
    "house": [[(60, 200), (60, 110), (120, 50), (180, 110), (180, 200), (60, 200)]],
}


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


def draw_sign(opened, sign, shift=0, square=".cu-signs .cu-drawn canvas"):
    """Draw with the mouse; `shift`, in pixels, makes one that is a little different."""
    mouse, canvas = opened.page.mouse, opened.page.locator(square)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in SHAPES[sign]:
        points = [(box["x"] + x + shift * (y > 120), box["y"] + y - shift * (x > 120)) for x, y in stroke]
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=4)
        mouse.up()


def use(opened, name):
    """Press a button of the pad that collects."""
    opened.page.locator(".cu-signs").get_by_role("button", name=name, exact=True).click()


def until(opened, expression, text):
    wait_until(lambda: opened.ask(expression) == text, 10, f"{expression} to be {text}")


@pytest.mark.brief
def test_signs_are_kept_taken_back_named_and_deleted(signs):
    page = signs.page
    rows = page.locator(".cu-signs .cu-row")
    draw_sign(signs, "arrow")
    use(signs, "Keep")
    expect(rows.nth(0)).to_have_text("arrow 1")
    rows.nth(1).locator("label").click()
    draw_sign(signs, "house")
    page.locator(".cu-signs .cu-drawn canvas").press("Enter")  # keeps it, too
    expect(rows.nth(1)).to_have_text("house 1")
    use(signs, "Undo")  # it goes back to the square
    expect(rows.nth(1)).to_have_text("house 0")
    use(signs, "Keep")
    expect(rows.nth(1)).to_have_text("house 1")
    sheet = rows.nth(0).locator("canvas")
    sheet.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect(rows.nth(0)).to_have_text("arrow 0")
    use(signs, "Put back")
    expect(rows.nth(0)).to_have_text("arrow 1")
    sheet.click(position={"x": 10, "y": 10})
    use(signs, "Delete")
    expect(rows.nth(0)).to_have_text("arrow 0")
    name = page.get_by_label("Name of a sign")
    name.fill("house")
    use(signs, "Add")
    expect(page.locator(".cu-signs pre")).to_have_text("There is a sign called 'house' already.")
    name.fill("ab")
    name.press("Enter")
    expect(rows).to_have_text(["arrow 0", "house 1", "ab 0"])
    name.fill("snail")
    use(signs, "Rename ab")
    expect(rows).to_have_text(["arrow 0", "house 1", "snail 0"])
    until(signs, "SignPad().counts == pad.counts, pad.counts", "True {'arrow': 0, 'house': 1, 'snail': 0}")
    assert signs.errors() == []


def test_signs_are_drawn_learned_and_recognised(signs):
    rows = signs.page.locator(".cu-signs .cu-row label")
    for place, sign in enumerate(SHAPES):
        rows.nth(place).click()
        for shift in range(-10, 10, 4):
            draw_sign(signs, sign, shift)
            use(signs, "Keep")
    until(signs, "pad.counts", "{'arrow': 5, 'house': 5}")
    until(
        signs,
        "[globals().update(model=learn(pad.data())), 1][1]",
        "Data: your own signs, 10 drawings: arrow 5, house 5\n1",
    )
    square = ".cu-pad:not(.cu-signs) canvas"
    said = signs.page.locator(".cu-pad:not(.cu-signs) p")
    expect(said).to_have_text("Draw one of your signs.")
    for sign in SHAPES:
        draw_sign(signs, sign, 3, square)
        expect(said).to_contain_text(f"Most likely {sign} (")
        signs.page.locator(".cu-pad:not(.cu-signs)").get_by_role("button", name="Clear").click()
    assert signs.ask("pad.errors + asked.errors") == "[]"


def test_a_sign_is_drawn_and_kept_by_keys_alone(signs):
    page = signs.page
    page.locator(".cu-signs input[type=radio]").first.focus()
    page.keyboard.press("ArrowDown")
    page.locator(".cu-signs .cu-drawn canvas").focus()
    for key in ["Space", *["ArrowDown"] * 5, "Space", "Enter"]:
        page.keyboard.press(key)
    until(signs, "pad.counts, pad.chosen", "{'arrow': 0, 'house': 1} house")


def test_a_contact_sheet_of_500_gets_one_drawing_more_for_one_that_is_kept(signs):
    """Only its pixels are sent, and only its row is painted anew."""
    page = signs.page
    signs.ask("[pad.keep([[[60, 60 + i % 90], [60 + i % 50, 220]]], 'arrow') for i in range(500)][-1]")
    row = page.locator(".cu-signs .cu-row").nth(0)
    expect(row).to_have_text("arrow 500")
    signs.ask(
        "[globals().update(sent=[], send=pad.main.send), "
        "setattr(pad.main, 'send', lambda c, buffers=None: (sent.append(c), send(c, buffers=buffers)))][-1]"
    )
    painted = """() => {
        window.painted = 0;
        const paint = CanvasRenderingContext2D.prototype.putImageData;
        CanvasRenderingContext2D.prototype.putImageData = function (...given) {
            window.painted += 1;
            return paint.apply(this, given);
        };
    }"""
    page.evaluate(painted)
    page.locator(".cu-signs .cu-row label").nth(1).click()
    draw_sign(signs, "house")
    use(signs, "Keep")
    expect(page.locator(".cu-signs .cu-row").nth(1)).to_have_text("house 1")
    until(signs, "[len(one['pixels']) for one in sent]", "[1]")
    assert page.evaluate("window.painted") == 1
