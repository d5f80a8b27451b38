"""One run of a notebook, which the tests of its claims and of its controls share."""

import functools
import re

import matplotlib
import nbformat
import torch

from course_utils import data, panels
from course_utils.data import datasets
from tools.lessons import form

matplotlib.use("agg")
SEED = re.compile(r"(?<=manual_seed\()\d+(?=\))")


def read(path):
    """The notebook at `path`, and all its Markdown."""
    notebook = nbformat.read(path, as_version=4)
    return notebook, "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


class Lesson:
    """A lesson that has been run from top to bottom.

    Attributes:
        prose: all its Markdown.
        code: {id: source} of its code cells, but for the one that sets up Colab.
        names: its variables afterwards.
        own: were the seeds those of the notebook?
        has_panels: does a cell make one, a knob or a guess?
    """

    def __init__(self, path, shift):
        notebook, self.prose = read(path)
        code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "colab"]  # that: for IPython
        self.code = {cell.id: cell.source for cell in code}
        self.own = shift == 0
        self.has_panels = form.has_panels(notebook)
        self.names = {"__name__": "__main__"}
        torch.set_num_threads(1)
        for name, source in self.code.items():
            source = SEED.sub(lambda seed: str(int(seed[0]) + shift), source)
            exec(compile(source, f"{path.name}: cell {name}", "exec"), self.names)

    def __getattr__(self, name):
        return self.names[name]

    def says(self, fragment):
        """On the notebook's own seeds: does the prose have this fragment, word for word?"""
        assert not self.own or fragment in self.prose, f"the prose does not say {fragment!r}"


@functools.lru_cache(maxsize=1)  # a lesson with its data takes some hundred MB
def run(path, shift):
    """The `Lesson` at `path`, run with its seeds shifted; the last one is kept, for the next test that needs it."""
    for panel in list(panels.live):
        panel.close()
    return Lesson(path, shift)


def enlarged():
    """(train, test): the embedded digits as they stand in for MNIST."""
    return tuple(datasets._enlarge(part) for part in data.digits())
