"""Explorer without a browser: turn its controls, look at what it drew."""

import io

import numpy as np
import pytest
from PIL import Image

from course_utils import panels, plots
from course_utils.panels import Explorer, LogSlider, show, turn_every_control


def bowl(axes):
    x = np.linspace(-2, 2, 40)
    axes[0].contourf(x, x, x[None] ** 2 + 3 * x[:, None] ** 2, levels=10)
    axes[1].set(xlabel="step", ylabel="loss", yscale="log", ylim=(1e-3, 1e3))


def descent(axes, lr, steps, logarithmic):
    """A path into the bowl; the right-hand axes change limits, scale and title with the controls."""
    path = [np.array([1.5, 1.0])]
    for _ in range(steps):
        path.append(path[-1] - lr * np.array([2.0, 6.0]) * path[-1])
    path = np.array(path)
    axes[0].plot(*path.T, "o-", label="path")
    axes[0].legend(loc="upper left")
    axes[1].plot((path**2).sum(1))
    axes[1].set(xlim=(-1, steps + 1), title=f"{steps} steps")
    axes[1].set(**{"yscale": "log", "ylim": (1e-3, 1e3)} if logarithmic else {"yscale": "linear", "ylim": (-1, 5)})
    return f"With lr {lr:g} the path takes {steps} steps."


@pytest.fixture
def explorer():
    form = {"lr": LogSlider(0.01, 0.3, value=0.1), "steps": (5, 20), "logarithmic": True}
    panel = Explorer(descent, background=bowl, columns=2, width=4, height=3, **form)
    yield panel
    panel.close()


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))[:, :, :3].astype(int)


def test_a_control_turned_gives_the_picture_and_sentence_of_its_value(explorer):
    before = explorer.png
    explorer.controls["lr"].value = 0.05
    assert explorer.values == {"lr": 0.05, "steps": 5, "logarithmic": True}
    assert explorer.sentence == "With lr 0.05 the path takes 5 steps."
    assert explorer.png != before
    line = explorer.axes[0].lines[-1]
    assert len(explorer.axes[0].lines) == 1  # the last path is gone
    assert line.get_xdata()[1] == pytest.approx(1.5 * 0.9)
    assert explorer.errors == []


def test_the_picture_depends_on_the_values_alone_not_on_the_way_to_them(explorer):
    first = explorer.png
    for name, value in (("steps", 20), ("lr", 0.3), ("logarithmic", False), ("lr", 0.1), ("steps", 5)):
        explorer.controls[name].value = value
    explorer.controls["logarithmic"].value = True
    assert explorer.png == first


@pytest.mark.parametrize("logarithmic", [True, False])
def test_the_layered_picture_is_the_whole_figure(explorer, logarithmic):
    explorer.controls["steps"].value = 9
    explorer.controls["logarithmic"].value = logarithmic
    whole = pixels(plots.Picture(explorer.figure, "").png())
    differing = (abs(whole - pixels(explorer._blitted.png(ratio=plots.SHARP))).max(axis=2) > 3).mean()
    assert differing < 0.0005  # anti-aliased edges; a missing title is 0.0015


def test_a_title_set_for_one_value_does_not_stay_for_another():
    def draw(axes, odd):
        axes.plot([1, 2])
        if odd:
            axes.set_title("odd")
        return "A line."

    panel = Explorer(draw, background=lambda axes: axes.set_title("a line"), odd=False)
    panel.controls["odd"].value = True
    assert panel.axes.get_title() == "odd"
    panel.controls["odd"].value = False
    assert panel.axes.get_title() == "a line"


def test_ticks_are_those_of_the_background_whatever_was_drawn_before():
    def background(ax):
        ax.set(xscale="log", xlim=(0.01, 1))
        ax.xaxis.set_major_formatter("{x:g}")

    def draw(ax, own):
        if own:
            ax.set_xticks([0.05, 0.5], ["few", "many"])
        return "Ticks."

    panel = Explorer(draw, background, own=False)
    first, ticks = panel.png, [text.get_text() for text in panel.axes.get_xticklabels()]
    assert {"0.01", "0.1", "1"} <= set(ticks)
    panel.controls["own"].value = True
    assert [text.get_text() for text in panel.axes.get_xticklabels()] == ["few", "many"]
    panel.controls["own"].value = False
    assert [text.get_text() for text in panel.axes.get_xticklabels()] == ticks and panel.png == first
    panel.close()


def test_an_added_axes_is_removed_before_the_next_drawing():
    def draw(axes, level):
        axes.figure.colorbar(axes.imshow([[0, level]]), ax=axes)
        return f"Up to {level}."

    panel = Explorer(draw, level=(1, 3))
    turn_every_control(panel)
    assert len(panel.figure.axes) == 2
    assert panel.errors == []


def test_an_error_shows_with_the_learners_line_is_kept_and_heals():
    def draw(axes, x):
        axes.plot([1 / x])
        return "A point."

    panel = Explorer(draw, x=[1, 0])
    panel.controls["x"].value = 0
    assert [type(error) for error in panel.errors] == [ZeroDivisionError]
    assert "ZeroDivisionError: division by zero" in panel.error
    assert "axes.plot([1 / x])" in panel.error
    panel.controls["x"].value = 1
    assert panel.error == ""
    assert panel.sentence == "A point."


def test_under_strict_an_error_is_raised_as_well(monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")

    def draw(axes, x):
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        Explorer(draw, x=[1, 2])


def test_turning_every_control_reaches_each_option(monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    seen = []

    def draw(axes, **values):
        seen.append(tuple(values.values()))
        return "Nothing."

    panel = Explorer(draw, lr=LogSlider(0.1, 10), name=["a", "b", "c"], flag=False, n=(1, 4), x=(0.0, 1.0))
    turn_every_control(panel)
    columns = [set(column) for column in zip(*seen, strict=True)]
    assert {0.1, 10} <= columns[0]
    assert columns[1:] == [{"a", "b", "c"}, {False, True}, {1, 4}, {0.0, 1.0}]


def test_a_draw_without_a_sentence_is_an_error():
    panel = Explorer(lambda axes, x: None, x=[1, 2])
    assert "it must return the sentence" in str(panel.errors[0])


def test_more_must_name_a_control():
    with pytest.raises(ValueError, match="more names 'size': the controls are lr"):
        Explorer(descent, more=("size",), lr=LogSlider(0.1, 1))


def test_show_without_a_front_end_gives_the_picture_and_the_sentence(explorer, monkeypatch):
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/plain"] == explorer.sentence
    monkeypatch.setenv("COURSE_HEADLESS", "0")
    assert "application/vnd.jupyter.widget-view+json" in explorer._repr_mimebundle_()


def test_show_takes_a_picture_and_refuses_the_rest(capsys):
    figure, _ = plots.new_figure()
    show(plots.Picture(figure, "An empty plot."))
    with pytest.raises(TypeError, match="show was given a int: it takes a panel or a Picture"):
        show(3)


def test_a_closed_panel_says_so(explorer):
    assert explorer in panels.live
    explorer.close()
    assert explorer not in panels.live
    with pytest.raises(RuntimeError, match="run that cell once more"):
        show(explorer)
    explorer.close()
