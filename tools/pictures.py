"""Makes the first picture of each lesson again: the output of its cell tagged `first-picture`.

A reader without a kernel, on GitHub for example, sees it: the notebooks themselves carry no outputs.
"""

import base64
import pathlib

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[1] / "notebooks"


def main():
    """Run each lesson that has such a cell and write notebooks/images/<lesson>.png."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        tagged = [cell for cell in notebook.cells if "first-picture" in cell.metadata.get("tags", [])]
        if not tagged:
            continue
        NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}).execute()
        png = next(output.data["image/png"] for output in tagged[0].outputs if "image/png" in output.get("data", {}))
        picture = NOTEBOOKS / "images" / f"{path.stem}.png"
        picture.write_bytes(base64.b64decode(png))
        print(picture.relative_to(NOTEBOOKS.parent))


if __name__ == "__main__":
    main()
