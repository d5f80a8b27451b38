"""Makes the first picture of each lesson again: the output of its cell tagged `first-picture`.

A reader without a kernel, on GitHub for example, sees it: the notebooks themselves carry no outputs. The start page
shows all of them, small.
"""

import base64
import pathlib

import nbformat
from matplotlib import image
from matplotlib.figure import Figure
from nbclient import NotebookClient

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[1] / "notebooks"
START = "00_start_here"


def first_picture(path):
    """The bytes of the PNG that the notebook's tagged cell shows; cells below it are not run."""
    notebook = nbformat.read(path, as_version=4)
    last = next(i for i, cell in enumerate(notebook.cells) if "first-picture" in cell.metadata.get("tags", []))
    del notebook.cells[last + 1 :]
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": path.parent}}).execute()
    shown = (output.data for output in notebook.cells[last].outputs if "data" in output)
    return base64.b64decode(next(data["image/png"] for data in shown if "image/png" in data))


def overview(paths):
    """A Figure of the pictures at `paths`, two in a row, each under its lesson's number."""
    rows = -(-len(paths) // 2)
    figure = Figure(figsize=(9, 1.9 * rows), dpi=100, layout="constrained")
    places = list(figure.subplots(rows, 2).flat)
    for axes in places:
        axes.axis("off")
    for axes, path in zip(places, paths, strict=False):
        axes.imshow(image.imread(path))
        axes.set_title(path.stem[:2], loc="left", fontweight="bold")
    return figure


def main():
    """Write notebooks/images/<lesson>.png for each lesson, and the start page's overview."""
    images, made = NOTEBOOKS / "images", []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path.stem != START:
            made.append(images / f"{path.stem}.png")
            made[-1].write_bytes(first_picture(path))
            print(made[-1].relative_to(NOTEBOOKS.parent))
    overview(made).savefig(images / f"{START}.png")
    print((images / f"{START}.png").relative_to(NOTEBOOKS.parent))


if __name__ == "__main__":
    main()
