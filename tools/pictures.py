"""Makes the first picture of each notebook again: the output of its cell tagged `first-picture`.

It is what a reader without a kernel sees, for example on GitHub: the notebooks themselves have no outputs. The start
page shows the lessons' pictures, small.
"""

import base64
import pathlib

import nbformat
from matplotlib import image
from matplotlib.figure import Figure
from nbclient import NotebookClient

from course_utils import catalog

ROOT = pathlib.Path(__file__).resolve().parents[1]


def tagged(notebook):
    """The place of the tagged cell, or None."""
    return next((i for i, cell in enumerate(notebook.cells) if "first-picture" in cell.metadata.get("tags", [])), None)


def first_picture(path):
    """The bytes of the PNG that the notebook's tagged cell shows; cells below it are not run."""
    notebook = nbformat.read(path, as_version=4)
    last = tagged(notebook)
    del notebook.cells[last + 1 :]
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": path.parent}}).execute()
    shown = (output.data for output in notebook.cells[last].outputs if "data" in output)
    return base64.b64decode(next(data["image/png"] for data in shown if "image/png" in data))


def overview(paths):
    """A Figure of the pictures at `paths`, three in a row, each under its lesson's number."""
    rows = -(-len(paths) // 3)
    figure = Figure(figsize=(9, 1.3 * rows), dpi=100, layout="constrained")
    places = list(figure.subplots(rows, 3).flat)
    for axes in places:
        axes.axis("off")
    for axes, path in zip(places, paths, strict=False):
        axes.imshow(image.imread(path))
        axes.set_title(path.stem[:2], loc="left", fontweight="bold")
    return figure


def write(root):
    """Write notebooks/images/<notebook>.png for each notebook of the course in `root`, the start page's from them.

    Raises:
        SystemExit: before any is run: a notebook has no such cell.
    """
    without = [path.name for path in catalog.notebooks(root)[1:] if tagged(nbformat.read(path, as_version=4)) is None]
    if without:
        raise SystemExit(f"{', '.join(without)}: tag the cell whose picture comes first, first-picture.")
    start, *others = [picture(path, root) for path in catalog.notebooks(root)]
    for path, target in zip(catalog.notebooks(root)[1:], others, strict=True):
        target.write_bytes(first_picture(path))
        print(target.relative_to(root))
    overview(of_lessons(root)).savefig(start)
    print(start.relative_to(root))


def picture(path, root):
    """Where the first picture of the notebook at `path` is."""
    return root / catalog.FOLDER / "images" / f"{path.stem}.png"


def of_lessons(root):
    """The first pictures that the start page shows: those of the lessons, without their deeper parts."""
    lessons = [lesson.file for lesson in catalog.LESSONS]
    return [picture(path, root) for path in catalog.notebooks(root) if path.name in lessons]


if __name__ == "__main__":
    write(ROOT)
