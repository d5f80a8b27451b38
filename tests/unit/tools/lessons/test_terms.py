"""No term is used before it is explained, on any of the ways through the course (`glossary.ways`).

A term is explained where it stands in bold. Before that it may stand in italics, which says "for now, a word", or in a
sentence with a link to the notebook that explains it. What stands above the first section (title, opening, questions
on the lessons before) may use any word. Not counted are a quoted claim, headings, tables, code, formulas, and the texts
of links.
"""

import functools
import re

import nbformat
import pytest

from course_utils import catalog
from tests.unit.tools.lessons import made
from tools.lessons import glossary

SECTION = re.compile(r"^## ", re.MULTILINE)
SKIPPED = re.compile(
    r"^ *```.*?^ *```$|^[>|#].*?$|<summary>.*?</summary>|\$\$.+?\$\$|\$[^$\n]+\$|`[^`\n]*`|!\[[^\]]*\]\([^)]*\)",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\[([^\]]*)\]\(([^)#]*)[^)]*\)")
ITALIC = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")


@functools.cache
def sentences(place):
    """Those of a notebook, as `split` makes them."""
    return split(nbformat.read(catalog.ROOT / catalog.FOLDER / place, as_version=4))


def split(notebook):
    """The sentences of its prose; of those above the first section, only what explains a term."""
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    start = SECTION.search(prose).start()
    opening, below = (plain(text) for text in (prose[:start], prose[start:]))
    return [one for one in opening if glossary.BOLD.search(one)] + below


def plain(text):
    blocks = [glossary.BULLET.sub("", " ".join(one.split())) for one in glossary.BLOCK.split(SKIPPED.sub(" ", text))]
    return [one for block in blocks for one in glossary.SENTENCE.split(glossary.LABEL.sub(r"\1\2", block))]


def early(term, homes, notebooks):
    """The first sentence that uses a term which none has explained yet, or None.

    Args:
        homes: file names of the notebooks where the term is in bold.
        notebooks: the sentences of those on the way.
    """
    word = re.compile(rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w-])", re.IGNORECASE)
    for sentence in (one for notebook in notebooks for one in notebook if word.search(one)):
        shown = glossary.BOLD.findall(sentence) + ITALIC.findall(sentence)
        if any(map(word.search, shown)) or any(file.endswith(tuple(homes)) for _, file in LINK.findall(sentence)):
            return None
        if word.search(LINK.sub(" ", sentence)):
            return sentence
    return None


@pytest.mark.parametrize("way", glossary.ways(), ids=lambda way: way[-1].key)
def test_no_term_comes_before_it_is_explained(way):
    homes = {}
    for entry in glossary.collected(catalog.ROOT, glossary.terms):
        homes.setdefault(entry.name.lower(), []).append(entry.row.file)
    notebooks = [sentences(row.place) for row in way]
    assert {term: said for term, files in homes.items() if (said := early(term, files, notebooks))} == {}


OPENING = "# Of a leaf\n\n**Is it a leaf?** Leafs.\n\n## 1 · A leaf\n\n"


@pytest.mark.parametrize(
    "prose",
    [
        "A **leaf** is a tensor. The leaf stays.",
        "Call it a *leaf* for now. The leaf stays.",
        "A leaf ([01b](deeper/01b_engine.ipynb)) is made by you. The leaf stays.",
        "> **Heard online:** *a leaf is green.*\n\n| leaf |\n\n`leaf`, $leaf$, [leaf](https://leaf.org), leaflet.",
        "[A leaf](deeper/01b_engine.ipynb) is made by you. The leaf stays.",
    ],
)
def test_a_term_may_come(prose):
    assert early("leaf", ["01b_engine.ipynb"], [split(made.notebook(made.md(OPENING + prose)))]) is None


@pytest.mark.parametrize(
    "prose",
    ["A leaf. A **leaf** is a tensor.", "Leafs, [01b](deeper/01c_x.ipynb).", "**Leaf?** A *new* leaf, a **result**."],
)
def test_a_term_may_not_come(prose):
    assert early("leaf", ["01b_engine.ipynb"], [split(made.notebook(made.md(OPENING + prose)))]) is not None
