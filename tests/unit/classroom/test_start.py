"""Lessons are handed out fresh at each start, and what a learner has written is never overwritten."""

import pytest

from classroom.start import hand_out


@pytest.fixture
def class_room(tmp_path):
    """(the lessons, a learner's folder, a function that hands out)"""
    lessons, mine = tmp_path / "lessons", tmp_path / "home" / "mine"
    (lessons / "deeper").mkdir(parents=True)
    (lessons / "01.ipynb").write_text("first")
    (lessons / "deeper" / "01b.ipynb").write_text("part")
    (lessons / ".gradient-steps-progress.json").write_text("the teacher's")
    return lessons, mine, lambda: hand_out(lessons, mine)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name[0] != "."
    }


def test_all_is_there_the_first_time_and_nothing_changes_after(class_room):
    _, mine, again = class_room
    assert again() == ["01.ipynb", "deeper/01b.ipynb"]
    assert files(mine) == {"01.ipynb": "first", "deeper/01b.ipynb": "part"}
    assert not (mine / ".gradient-steps-progress.json").exists()
    assert again() == []


def test_what_was_not_touched_follows_its_original(class_room):
    lessons, mine, again = class_room
    again()
    (lessons / "01.ipynb").write_text("second")
    (lessons / "02.ipynb").write_text("new")
    assert again() == ["01.ipynb", "02.ipynb"]
    assert files(mine)["01.ipynb"] == "second" and again() == []


def test_work_stays_and_what_is_new_lies_beside_it(class_room):
    lessons, mine, again = class_room
    again()
    (mine / "01.ipynb").write_text("my work")
    (mine / "notes.txt").write_text("mine")
    assert again() == []
    (lessons / "01.ipynb").write_text("second")
    assert again() == ["01 (new).ipynb"]
    (lessons / "01.ipynb").write_text("third")
    assert again() == ["01 (new).ipynb"]
    assert files(mine) == {
        "01.ipynb": "my work",
        "01 (new).ipynb": "third",
        "deeper/01b.ipynb": "part",
        "notes.txt": "mine",
    }
    (mine / "01 (new).ipynb").write_text("more work")
    (lessons / "01.ipynb").write_text("fourth")
    assert again() == [] and files(mine)["01 (new).ipynb"] == "more work" and files(mine)["01.ipynb"] == "my work"


def test_what_was_deleted_comes_back(class_room):
    _, mine, again = class_room
    again()
    (mine / "01.ipynb").unlink()
    assert again() == ["01.ipynb"]


@pytest.mark.parametrize("spoilt", ["", "[1]", "{"])
def test_work_from_before_stays_even_if_the_record_is_spoilt(class_room, spoilt):
    _, mine, again = class_room
    again()
    (mine / "01.ipynb").write_text("my work")
    (mine / ".handed-out.json").write_text(spoilt)
    assert again() == ["01 (new).ipynb"]
    assert files(mine)["01.ipynb"] == "my work"
