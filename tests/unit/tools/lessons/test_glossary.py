"""tools/lessons/glossary.py: terms with their sentences and idioms with their headings, each with its lesson."""

import re

import nbformat
import pytest

from course_utils import catalog
from tests import notebooks
from tests.unit.tools.lessons import made
from tools.lessons import glossary

ROW = catalog.Lesson(7, "Seventh", "07_seventh.ipynb")
PROSE = """\
## 1 · A heading with **bold** words

First a sentence. A **leaf** is a tensor you made yourself: the record
begins there. **Try it.** It is not a **result**, e.g. `x + 1`! Then **Guess:** more.

- **Momentum** keeps a *velocity*. And more.
- A **batch** and a **micro-batch**: terms, too.
- **Line 7**: this is none.

```python
a = "**not a term**"
```

> **Heard online:** *"A **box** is a term, too."* Is it?
"""


def found(of, *cells):
    return [(entry.name, entry.text) for entry in of(ROW, made.notebook(made.md("# 07 · **Title**"), *cells))]


def test_a_term_comes_with_its_sentence():
    assert found(glossary.terms, made.md(PROSE)) == [
        ("leaf", "A leaf is a tensor you made yourself: the record begins there."),
        ("result", "It is not a result, e.g. `x + 1`!"),
        ("Momentum", "Momentum keeps a *velocity*."),
        ("batch", "A batch and a micro-batch: terms, too."),
        ("micro-batch", "A batch and a micro-batch: terms, too."),
        ("box", 'Heard online: *"A box is a term, too."* Is it?'),
    ]


def test_the_text_of_an_exercise_has_no_terms():
    assert found(glossary.terms, made.md("### 01-3 · Repair this (5 minutes)\n\nIt should **not** fail.")) == []


def test_an_idiom_stands_under_its_heading():
    cells = (
        made.py("x = 0", "cheatsheet"),
        made.md("## 2 · The loop\n\nText."),
        made.py("x = 1"),
        made.py("for X, y in batches:\n    ...", "cheatsheet"),
    )
    assert found(glossary.idioms, *cells) == [
        ("Seventh", "x = 0"),
        ("The loop", "for X, y in batches:\n    ..."),
    ]


def test_a_term_in_bold_twice_is_named_with_both_places():
    entries = glossary.terms(ROW, made.notebook(made.md("#"), made.md("A **leaf**. The **Leaf**. A **graph**.")))
    assert glossary.repeated(entries) == {"leaf": ["07", "07"]}


@pytest.mark.parametrize("way", glossary.ways(), ids=lambda way: way[-1].key)
def test_each_term_is_defined_once_on_each_way(way):
    entries = glossary.collected(catalog.ROOT, glossary.terms)
    assert glossary.repeated([entry for entry in entries if entry.row in way]) == {}


def test_no_term_is_a_task():
    """A task in bold ends in a stop, "**Move `lr`.**"; one that does not begins as another does, or is a clause."""
    prose = [cell.source for path in catalog.notebooks() for cell in nbformat.read(path, as_version=4).cells[1:]]
    tasks = set(re.findall(r"\*\*(\w+)[^*]*\.\*\*", "\n\n".join(prose)))
    names = [entry.name for entry in glossary.collected(catalog.ROOT, glossary.terms)]
    assert [name for name in names if name.split()[0] in tasks or len(name.split()) > 3] == []


def test_a_way_leads_to_each_deeper_notebook_and_one_through_all_lessons():
    ways = {way[-1].key: [row.key for row in way] for way in glossary.ways()}
    assert ways["02b"] == ["00", "01", "02", "02b"]
    through_all = ["00", *(lesson.key for lesson in catalog.LESSONS)]
    assert ways[through_all[-1]] == through_all
    assert len(ways) == 1 + sum(len(lesson.deeper) for lesson in catalog.LESSONS)


def test_the_pages_are_those_of_the_notebooks():
    there = {name: catalog.ROOT / catalog.FOLDER / "docs" / name for name in ("glossary.md", "cheatsheet.md")}
    written = {name: path.read_text(encoding="utf-8") for name, path in there.items() if path.exists()}
    assert written == glossary.pages(catalog.ROOT), "mend it with: make badges"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder with the made-up lesson, and a catalog of it alone."""
    lesson = catalog.Lesson(1, "Doubling", "01_doubling.ipynb")
    monkeypatch.setattr(catalog, "LESSONS", (lesson,))
    (tmp_path / "notebooks").mkdir()
    nbformat.write(made.lesson(), tmp_path / "notebooks" / lesson.file)
    notebooks.write(tmp_path / "notebooks" / catalog.START.file, "# Start here")
    return tmp_path


def test_where_a_lesson_defines_a_term_too_the_page_has_its_sentence(course, monkeypatch):
    parts = (catalog.Part("01b", "Deeper", "01b_deeper.ipynb"),)
    monkeypatch.setattr(catalog, "LESSONS", (catalog.LESSONS[0]._replace(deeper=parts),))
    for row, text in (
        (catalog.LESSONS[0], "To **double** is ([01b](x.ipynb)) this."),
        (parts[0], "To **Double** is that."),
    ):
        notebooks.write(course / "notebooks" / row.place, "# Title", f"## 1\n\n{text}")
    assert glossary.pages(course)["glossary.md"].splitlines()[-1].endswith(" · To double is (01b) this.")


def test_the_pages_link_to_the_lessons(course):
    pages = glossary.pages(course)
    link = "[01](../01_doubling.ipynb)"
    assert (
        pages["glossary.md"].splitlines()[-1] == f"- **double** · {link} · To double a number is to add it to itself."
    )
    code = "```python\neight = twice(twice(2))\nprint(eight)\n```"
    assert pages["cheatsheet.md"].endswith(f"\n\n## Four times\n\n{link}\n\n{code}\n")


def test_idioms_below_one_heading_share_it(course):
    lesson = made.lesson()
    lesson.cells.insert(lesson.cells.index(made.cell(lesson, "four")) + 1, made.py("sixteen = 16", "cheatsheet"))
    nbformat.write(lesson, course / "notebooks" / "01_doubling.ipynb")
    page = glossary.pages(course)["cheatsheet.md"]
    assert page.count("## Four times") == 1
    assert page.endswith("print(eight)\n```\n\n```python\nsixteen = 16\n```\n")
