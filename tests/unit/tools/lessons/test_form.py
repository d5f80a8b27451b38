"""tools/lessons/form.py: what cells do, and that those which are to be folded are, for three front ends."""

import nbformat
import pytest

from course_utils import catalog
from tests.unit.tools.lessons import made
from tools.lessons import form

FOLDED = {"colab": "Run me first", "setup": "Set-up", "words": "Imports", "recall": "Your guess", "guess": "Your guess"}


def read(*sources, tags=()):
    """The `Code` of the last of some cells."""
    return form.code_cells(made.notebook(*(made.py(source, *tags) for source in sources)))[-1][1]


def plumbing(*sources):
    """{kind: numbers of its lines} of the last cell."""
    found = {}
    for line, kind in sorted(read(*sources).plumbing.items()):
        found.setdefault(kind, []).append(line)
    return found


def test_a_cell_is_folded_for_three_front_ends_and_the_others_are_not():
    lesson = made.lesson()
    before = {cell.id: cell.source for cell in lesson.cells}
    made.cell(lesson, "twice").metadata.update(cellView="form", jupyter={"source_hidden": True}, tags=["hide-input"])
    form.fold(lesson)
    for cell in (cell for cell in lesson.cells if cell.cell_type == "code"):
        if cell.id in FOLDED:
            assert cell.source == f"# @title {FOLDED[cell.id]}\n{before[cell.id]}"
            assert cell.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
        else:
            assert cell.source == before[cell.id]
            assert cell.metadata == ({"tags": ["cheatsheet"]} if cell.id == "four" else {})
        assert form.is_folded(cell) == (cell.id in FOLDED)
        assert form.without_title(cell.source) == before[cell.id]
    again = nbformat.from_dict(lesson)
    form.fold(again)
    assert again == lesson


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nfrom course_utils import data",
        "import course_utils, torch",
        "from course_utils import data\ndigits, _ = data.digits()",
        'from course_utils.panels import ask\nguess = ask("a", "?", ["1", "2"])\nprint(guess)',
        'from course_utils.panels import ask\nguesses = [ask("a", "?", ["1", "2"])]',
        "def ask(*_):\n    ...\n\n\nask(1)",
        "import course_utils as cu\ncu.show(1)",
        "# nothing at all",
    ],
)
def test_what_a_learner_reads_stays_in_sight(source):
    assert read(source).folded is None


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.name)
def test_a_notebook_is_folded_as_make_badges_does_it(path):
    notebook = nbformat.read(path, as_version=4)
    folded = nbformat.from_dict(notebook)
    form.fold(folded)
    assert folded == notebook, "mend it with: make badges"


def test_lines_that_import_ask_reveal_and_draw_are_plumbing():
    imports = (
        "import torch\nfrom course_utils import plots\nfrom course_utils.panels import ask\n"
        "import matplotlib.pyplot as plt"
    )
    assert plumbing(imports) == {form.IMPORT: [2, 3, 4]}
    assert plumbing(imports, 'x = 1\nguess = ask(\n    "a", "?", ["1", "2"]\n)\nguess.reveal("1", of="a")') == {
        form.GUESS: [2, 3, 4, 5]
    }
    drawing = "figure, axes = plots.new_figure()\nx = torch.rand(3)\naxes[0].plot(x)\nplots.Picture(figure, 'A line.')"
    assert plumbing(imports, drawing) == {form.DRAWING: [1, 3, 4]}
    assert plumbing(imports, "plt.plot([1, 2])\nplt.show()") == {form.MATPLOTLIB: [1, 2]}
    assert plumbing("display(3)\nprint(3)") == {form.DRAWING: [1]}


def test_a_name_is_plumbing_as_long_as_it_stands_for_something_drawn():
    above = "from course_utils import plots\nfigure, axes = plots.new_figure()"
    assert plumbing(above, "figure") == {form.DRAWING: [1]}
    assert plumbing(above, "figure = 3\nfigure\nprint(figure)") == {}
    assert plumbing(above, "width = axes.size\nprint(width)") == {}
    assert plumbing(above, "def plot_all(x):\n    return x\n\n\nplot_all(3)") == {}


def test_a_function_that_draws_counts_whole_and_so_does_a_call_of_it():
    draw = "def draw(ax, k):\n    mean = k / 2\n    return mean\n\n\ndraw(None, 3)\nprint(3)"
    assert plumbing(draw) == {form.MATPLOTLIB: [1, 2, 3, 6]}
    hidden = "def losses(a, k):\n    mean = k / 2\n    a.set_title(mean)\n\n\nlosses(None, 3)"
    assert plumbing(hidden) == {form.MATPLOTLIB: [1, 2, 3, 6]}
    assert plumbing(
        "class Net:\n    def show(self, ax):\n        return ax\n\n    def forward(self, X):\n        return X"
    ) == {form.MATPLOTLIB: [2, 3]}
    assert plumbing("draw = lambda a: a.imshow(3)\ndraw(3)") == {form.MATPLOTLIB: [1, 2]}


def test_a_loop_over_axes_is_plumbing_and_one_over_numbers_is_as_far_as_all_in_it_is():
    above = "from course_utils import plots\nfigure, axes = plots.new_figure(columns=2)"
    assert plumbing(above, "for ax, k in zip(axes, (1, 2)):\n    ax.invert_yaxis()\n    print(3)") == {
        form.DRAWING: [1, 2]
    }
    assert plumbing(above, "for k in range(2):\n    axes[k].grid()") == {form.DRAWING: [1, 2]}
    assert plumbing(above, "for k in range(2):\n    print(k)\n    axes[k].grid()") == {form.DRAWING: [3]}
    assert plumbing(above, "if axes is None:\n    print(1)\nelse:\n    display(axes)") == {form.DRAWING: [4]}
    assert plumbing(above, "with open('x') as axes:\n    print(axes)") == {}


def test_knobs_are_counted_where_they_get_onto_the_page():
    panels = "from course_utils.panels import DrawPad, Explorer, TrainingPanel, LogSlider"
    assert read(panels, "Explorer(draw, lr=LogSlider(1, 2))").knobs == 1
    assert read(panels, "panel = TrainingPanel(e)\npanel").knobs == 1
    assert read(panels, "DrawPad(net), Explorer(draw)").knobs == 2
    helper = "def knob(f):\n    return Explorer(f)"
    assert read(panels, helper).knobs == 0
    assert read(panels, helper, "knob(1)\nknob(2)").knobs == 2
    assert read("class Explorer:\n    pass\n\n\nExplorer()").knobs == 0


def test_a_lessons_knobs_are_told_from_its_pictures(tmp_path, monkeypatch):
    folder = tmp_path / "course_utils" / "lessons" / "lesson_77"
    folder.mkdir(parents=True)
    (folder / "knobs.py").write_text(
        "from course_utils import plots\nfrom course_utils.panels import Explorer\n\n\n"
        "def bowl(descend):\n    return Explorer(print, of=[descend])\n\n\n"
        "def steep(descend):\n    return bowl(descend)\n\n\n"
        "def path(steps):\n    return plots.curves(steps)\n"
    )
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    form.makers.cache_clear()
    knobs = "from course_utils.lessons.lesson_77 import knobs\nfrom course_utils.lessons.lesson_77.knobs import bowl"
    try:
        assert read(knobs, "knobs.bowl(descend)\nknobs.steep(descend)\nbowl(descend)").knobs == 3
        picture = read(knobs, "knobs.path(3)")
        assert (picture.knobs, picture.shows, picture.plumbing) == (0, True, {1: form.DRAWING})
        assert not read(knobs, "look = knobs.path(3)").shows
        assert not read(knobs, "knobs.path??\n%timeit 1 + 1\n!ls").shows
    finally:
        form.makers.cache_clear()
