"""What a notebook says of the others is true: numbers and titles of notebooks, numbers of sections, where a term is.

So is what an exercise says: its text, its hints, what it answers to a mistake.
"""

import ast
import functools
import re

import nbformat
import pytest

from course_utils import catalog
from tools.lessons import glossary

PARTS = [part for lesson in catalog.LESSONS for part in lesson.deeper]
NUMBER = re.compile(r"(?:lesson )?(\d\d[a-z]?)", re.IGNORECASE)
LINK = re.compile(r"\[([^\]]*)\]\((?:[^)]*/)?([^)/]+\.ipynb)\)")
LISTED = re.compile(LINK.pattern + r",? *([^·\n]*)")
SECTION = re.compile(r"\b[Ss]ections? (\d)(?: (?:and|to) (\d))?")
LESSONS = re.compile(r"\b[Ll]essons? (0\d)(?:(?:,| and| to) (0\d))?")


@functools.cache
def prose(file):
    notebook = nbformat.read(catalog.notebook(file), as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@functools.cache
def homes():
    """{term: keys of the notebooks where it is in bold}."""
    found = {}
    for entry in glossary.collected(catalog.ROOT, glossary.terms):
        found.setdefault(entry.name.lower(), set()).add(entry.row.key)
    return found


def wrong_numbers(text):
    """Links that are called by the number of another notebook."""
    named = [(NUMBER.fullmatch(name), file) for name, file in LINK.findall(text)]
    return [(number[0], file) for number, file in named if number and number[1] != catalog.key_of(file)]


def wrong_titles(text):
    """What a list of notebooks says of one without its title."""
    titles = {part.file: part.title.lower() for part in PARTS}
    said = LISTED.findall("\n".join(line for line in text.splitlines() if line.startswith(("**Next:", "**Deeper:"))))
    said = [(file, words.replace("`", "").strip(" .").lower()) for _, file, words in said]
    return [(file, words) for file, words in said if words and titles.get(file, words) not in words]


def wrong_sections(text):
    """Numbers of sections that it does not have."""
    last = len(re.findall(r"^## \d+ · ", text, re.MULTILINE))
    return [number for pair in SECTION.findall(text) for number in pair if number and int(number) > last]


def elsewhere(text, says):
    """Sentences that send to a lesson for a term which only its deeper notebooks have; `says(key)` is its prose."""
    found = []
    for sentence in (one for block in glossary.BLOCK.split(text) for one in glossary.SENTENCE.split(block)):
        shown = re.sub(r"\]\([^)]*\)", "", sentence)
        for key in {key for pair in LESSONS.findall(shown) for key in pair if key}:
            deeper = {part.key for part in catalog.find(key).deeper}
            for term in (term for term, keys in homes().items() if keys & deeper):
                word = re.compile(rf"(?<![\w-]){re.escape(term)}s?(?![\w-])", re.IGNORECASE)
                if word.search(shown) and not word.search(says(key)):
                    found.append(sentence)
    return found


@pytest.mark.parametrize("row", [row for row in catalog.rows() if row.file], ids=lambda row: row.key)
def test_what_a_notebook_says_of_the_others_is_true(row):
    text = prose(row.file)
    assert wrong_numbers(text) == []
    assert wrong_titles(text) == []
    assert wrong_sections(text) == []
    assert elsewhere(text, lambda key: prose(catalog.find(key).file)) == []


@pytest.mark.parametrize("path", sorted(catalog.ROOT.glob("course_utils/lessons/*/ex*.py")), ids=lambda path: path.stem)
def test_what_an_exercise_says_of_the_lessons_is_true(path):
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    said = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert elsewhere("\n\n".join(said), lambda key: prose(catalog.find(key).file)) == []


@pytest.mark.parametrize("place", range(len(catalog.LESSONS)))
def test_a_lesson_ends_with_the_next_and_all_its_deeper_notebooks(place):
    lesson, after = catalog.LESSONS[place], catalog.LESSONS[place + 1 :]
    end = nbformat.read(catalog.notebook(lesson.file), as_version=4).cells[-1].source
    expected = [*(one.file for one in after[:1]), *(part.file for part in lesson.deeper)]
    assert [file for _, file in LINK.findall(end)] == expected


def test_what_is_wrong_is_found():
    assert wrong_numbers("[01c](deeper/01b_engine.ipynb), [lesson 02](../03_mlp.ipynb), [them](03_mlp.ipynb)") == [
        ("01c", "01b_engine.ipynb"),
        ("lesson 02", "03_mlp.ipynb"),
    ]
    said = "**Next:** [06c](06c_sequences.ipynb), networks that write · [06d](06d_borrowed.ipynb) · to [06](x.ipynb)."
    assert wrong_titles(said) == [("06c_sequences.ipynb", "networks that write")]
    assert wrong_sections("## 1 · One\n\n## 2 · Two\n\nSections 1 and 3, section 2") == ["3"]
    sent = ["Lesson 02 has parameter groups.", "Parameter groups ([lesson 02](../02.ipynb))."]
    assert elsewhere("\n\n".join([*sent, "Lesson 02 has a limit."]), lambda key: "A limit.") == sent
    assert elsewhere(sent[0], lambda key: "It has parameter groups.") == []
