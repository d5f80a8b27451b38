"""tools/exercises.py: the notebooks say of an exercise what its file says, and nothing else of them is touched."""

import pathlib
import shutil

import nbformat
import pytest

from course_utils import exercises
from tools import exercises as tool

ROOT = pathlib.Path(__file__).parents[3]
FILE = "04_cnn.ipynb"


@pytest.fixture
def copy(tmp_path):
    """A folder with the notebooks."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*", "images"))
    return tmp_path


def read(copy):
    return nbformat.read(copy / "notebooks" / FILE, as_version=4)


def text_of(copy):
    return (copy / "notebooks" / FILE).read_text(encoding="utf-8")


def change(copy, change):
    """Change a notebook's cells, which the function gets by their ids."""
    notebook = read(copy)
    change(notebook.cells, {cell.id: cell for cell in notebook.cells})
    nbformat.write(notebook, copy / "notebooks" / FILE)


def test_the_notebooks_say_what_the_exercises_files_say():
    assert tool.differences(ROOT) == [], "mend it with: make exercises"


@pytest.mark.rest
def test_what_differs_is_told_written_and_then_no_more(copy, capsys):
    whole = text_of(copy)

    def spoil(cells, by_id):
        by_id["exercise-4-task"].source = by_id["exercise-4-task"].source.replace("4 minutes", "6 minutes")
        by_id["exercise-3"].source = by_id["exercise-3"].source.replace("argmax(0)", "argmax(1)")
        by_id["exercise-3"].execution_count = 7
        by_id["exercise-7"].id = "a1b2c3"

    change(copy, spoil)
    spoiled = text_of(copy)
    found = [
        "04_cnn.ipynb: 04-4, heading and text",
        "04_cnn.ipynb: 04-7, what is handed out",
        "04_cnn.ipynb: 04-3, what is handed out",
    ]
    assert tool.differences(copy) == found
    assert text_of(copy) == spoiled
    tool.write(copy)
    assert capsys.readouterr().out.splitlines() == found
    assert text_of(copy) == whole
    tool.write(copy)
    assert capsys.readouterr().out == ""


@pytest.mark.rest
def test_nothing_else_is_touched(copy):
    def work(cells, by_id):
        """What else may be there: outputs, cells of one's own, an exercise that was run."""
        cells[3].metadata["tags"] = ["mine"]
        by_id["exercise-4"].outputs = [nbformat.v4.new_output("stream", text="not attempted")]
        cells.append(nbformat.v4.new_markdown_cell('### 04-1 · Mine\n\ncheck("04-1", by_hand)'))
        by_id["exercise-3-task"].source += " More."

    change(copy, work)
    before = read(copy)
    tool.write(copy)
    after = read(copy)
    changed = [one.id for one, other in zip(before.cells, after.cells, strict=True) if one != other]
    assert changed == ["exercise-3-task"]
    assert before.metadata == after.metadata


@pytest.mark.rest
@pytest.mark.parametrize("above", ["code", "markdown", "nothing"])
def test_a_new_exercise_needs_a_cell_with_its_check_alone(copy, above):
    """As 04-7 would be, had its file just been written."""
    whole = read(copy)

    def forget(cells, by_id):
        cells.remove(by_id["exercise-7-task"])
        place = cells.index(by_id["exercise-7"])
        cells[place] = nbformat.v4.new_code_cell('check("04-7")')
        if above == "markdown":
            cells.insert(place, nbformat.v4.new_markdown_cell("### Now you\n\nThe next one is about counting."))
        if above == "nothing":
            del cells[:place]

    change(copy, forget)
    assert tool.differences(copy) == [
        "04_cnn.ipynb: 04-7, heading and text",
        "04_cnn.ipynb: 04-7, what is handed out",
    ]
    tool.write(copy)
    cells = read(copy).cells
    if above == "code":
        assert cells == whole.cells
    place = next(i for i, cell in enumerate(cells) if cell.id == "exercise-7")
    first = next(i for i, cell in enumerate(whole.cells) if cell.id == "exercise-7-task")
    assert cells[place - 1 :] == whole.cells[first:]
    assert above != "markdown" or cells[place - 2].source.startswith("### Now you")


def test_the_clinic_says_where_a_hint_is():
    exercise = exercises.find("04-1")
    exercise.name = "clinic-31"
    try:
        assert tool.ids(exercise) == ("clinic-31-symptom", "clinic-31-program")
        assert tool.task(exercise).startswith(
            "### clinic-31 · Sizes, layer by layer (three lines, 5 minutes)\n\n`sizes_along"
        )
        assert exercise.cell.endswith('layer\n\n\n# Stuck? hint("clinic-31")\ncheck("clinic-31", sizes_along)')
    finally:
        exercise.name = "04-1"


@pytest.mark.rest
def test_check_names_what_differs_and_fails(copy, monkeypatch):
    monkeypatch.setattr(tool, "ROOT", copy)
    monkeypatch.setattr("sys.argv", ["exercises", "--check"])
    tool.main()
    change(copy, lambda cells, by_id: by_id["exercise-3-task"].update(source="### 04-3 · Repair this"))
    before = text_of(copy)
    with pytest.raises(SystemExit, match=r"^04_cnn.ipynb: 04-3, heading and text\n.* make exercises"):
        tool.main()
    assert text_of(copy) == before
    monkeypatch.setattr("sys.argv", ["exercises"])
    tool.main()
    assert tool.differences(copy) == []
