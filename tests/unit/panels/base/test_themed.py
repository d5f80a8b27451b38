"""Pictures in the colours of a page: every grey between its text and its ground, a palette that can be told apart."""

import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from course_utils import plots
from course_utils.panels.base.themed import ON_DARK, ThemedRenderer

GROUND, TEXT = "#111111", "#e0e0e0"


def drawn(put, ground=GROUND, text=TEXT):
    """The pixels of a figure, [height, width, 3], on which `put(axes)` has put something; nothing else is there."""
    figure, axes = plots.new_figure(width=2, height=2)
    figure.set_layout_engine("none")
    axes.set(position=[0, 0, 1, 1], xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    put(axes)
    agg = RendererAgg(*figure.bbox.size, figure.dpi)
    figure.draw(ThemedRenderer(agg, ground, text))
    assert axes.get_facecolor() == (1, 1, 1, 1)  # the figure is as it was
    return np.asarray(agg.buffer_rgba())[:, :, :3]


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def colors_of(pixels):
    return {to_hex(pixel / 255) for pixel in np.unique(pixels.reshape(-1, 3), axis=0)}


WAYS = {
    "patch": lambda axes, color: axes.add_patch(Rectangle((0.2, 0.2), 0.5, 0.5, facecolor=color, edgecolor="none")),
    "line": lambda axes, color: axes.plot([0, 1], [0.5, 0.5], color=color, linewidth=40),
    "marker": lambda axes, color: axes.plot([0.5], [0.5], "s", color=color, markersize=60),
    "scatter": lambda axes, color: axes.scatter([0.5], [0.5], s=3000, color=color, marker="s"),
    "two scatters": lambda axes, color: axes.scatter([0.3, 0.7], [0.5] * 2, s=[999, 2000], color=[color] * 2),
    "text": lambda axes, color: axes.text(0.1, 0.3, "■■", color=color, fontsize=70),
    "formula": lambda axes, color: axes.text(0.1, 0.3, "$\\blacksquare$", color=color, fontsize=70),
    "fill": lambda axes, color: axes.fill_between([0.2, 0.8], [0.2, 0.2], [0.8, 0.8], color=color),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("color", "there"), [("black", TEXT), (plots.BLUE, ON_DARK[plots.BLUE]), ("#123456", "#123456")]
)
def test_whatever_is_drawn_has_the_pages_colours(way, color, there):
    found = colors_of(drawn(lambda axes: WAYS[way](axes, color)))
    assert {GROUND, there} <= found and not {"#000000", "#ffffff"} & found


def test_greys_lie_between_text_and_ground_and_transparency_stays():
    pixels = drawn(lambda axes: axes.add_patch(Rectangle((0, 0), 1, 1, facecolor="0.5", edgecolor="none")))
    assert colors_of(pixels) == {"#797979"}
    pixels = drawn(lambda axes: axes.add_patch(Rectangle((0, 0), 1, 1, facecolor=(0, 0, 0, 0.5), edgecolor="none")))
    assert abs(int(pixels[100, 100, 0]) - 0x79) <= 1


def test_an_image_and_the_text_on_it_stay_as_they_are():
    def put(axes):
        axes.imshow([[0.0]], cmap="gray", vmin=0, vmax=1, extent=(0, 1, 0, 0.5), aspect="auto")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.text(0.1, 0.1, "■", color="white", fontsize=40)
        axes.text(0.1, 0.6, "■", color="black", fontsize=40)

    pixels = drawn(put)
    assert {"#000000", "#ffffff"} <= colors_of(pixels[100:])
    assert {GROUND, TEXT} <= colors_of(pixels[:99]) and "#ffffff" not in colors_of(pixels[:99])


def test_a_colour_map_stays_what_its_bar_shows():
    def put(axes):
        axes.scatter([0.3, 0.7], [0.5, 0.5], c=[0, 1], s=3000, marker="s")

    ends = {to_hex(matplotlib.colormaps["viridis"](end)) for end in (0.0, 1.0)}
    assert ends <= colors_of(drawn(put))


def test_on_a_light_page_the_palette_is_its_own():
    assert plots.BLUE.lower() in colors_of(drawn(lambda axes: WAYS["patch"](axes, plots.BLUE), "#fafafa", "#222222"))


@pytest.mark.parametrize("ground", ["#111111", "#212121", "#1e1e1e"])  # JupyterLab's two, VS Code's
def test_on_dark_pages_each_colour_of_the_palette_is_seen_and_none_is_like_another(ground):
    palette = [ON_DARK.get(color, color) for color in plots.COLORS if color not in ("black", plots.GREY)]
    assert min(contrast(color, ground) for color in palette) >= 4.5
    apart = [np.linalg.norm(np.subtract(to_rgb(a), to_rgb(b))) for a, b in itertools.combinations(palette, 2)]
    assert min(apart) > 0.25
