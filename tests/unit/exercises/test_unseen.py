"""No right answer is refused, and no wrong one accepted, of those that nobody saw who wrote the checks."""

import pathlib

import pytest

from course_utils.exercises.feedback import RIGHT
from tests.lessons import judge

FOLDER = pathlib.Path(judge.__file__).parent / "unseen"
FILES = sorted(FOLDER.glob("**/*.txt"))
# Where the check judges otherwise than the writer: 06-2's text has come to say which convolution widens, and that all
# have a bias; a checkpoint may draw random numbers of its own. In the later sets, whose writers saw no knob and not the
# notebook's `Value`: rates, settings and a name that they took for right ones; and in 04-1 a fraction that is carried
# on, which comes to the same (⌊⌊x⌋ / n⌋ = ⌊x / n⌋).
OTHERWISE = {
    FOLDER: {("06-2", 18), ("06-2", 19), ("06-4", 15)},
    FOLDER / "second": {("02-6", 9), ("03-6", 9), ("03-6", 10)},
    FOLDER / "third": set(),
    FOLDER / "fourth": {("02-6", 7), ("03-6", 7), ("03-6", 8)},
    FOLDER / "sixth": {("02-6", 7), ("02-6", 8), ("03-6", 7), ("03-6", 8)},
    FOLDER / "fifth": {("01-2", 8), ("02-6", 7), ("02-6", 8), ("03-6", 7), ("03-6", 8), ("04-1", 5)},
}


@pytest.mark.rest
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_answers_are_judged_as_their_writers_say(path):
    answers = judge.blocks(path)
    assert len(answers) >= 8
    misjudged = {
        (path.stem, number): f"{words}\n{found}"
        for number, (right, words, source) in enumerate(answers, 1)
        if (getattr(found := judge.outcome(path.stem, source, f"/{number}"), "status", None) == RIGHT) != right
    }
    assert misjudged.keys() == {one for one in OTHERWISE[path.parent] if one[0] == path.stem}, misjudged
