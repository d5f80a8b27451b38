"""What notebook 06e says of files and of runs that go on. The figures in its prose are those of MNIST."""

import io

import pytest
import torch

from course_utils.training import evaluate
from tests.lessons.lesson_06.runs import near

LESSON = "06e_resume.ipynb"
pytestmark = pytest.mark.usefixtures("mnist")


def test_loading_by_names(lesson, claim):
    claim("strict=False, nothing loaded: accuracy", lesson.untrained, 0.02, 0.2)
    assert evaluate(lesson.twin, lesson.held)[1] == evaluate(lesson.trained, lesson.held)[1]
    assert lesson.follows and not lesson.same


def test_what_a_file_may_do(lesson):
    assert "OPENING" in lesson.printed.getvalue()
    assert any("Sequential" in line for line in lesson.said)


def test_a_checkpoint_resumes_to_the_last_bit(lesson, claim):
    assert lesson.first_half + lesson.second_half == lesson.all_losses
    pairs = zip(lesson.straight.parameters(), lesson.resumed.parameters(), strict=True)
    assert all(torch.equal(p, q) for p, q in pairs)
    claim("without Adam's state: mean loss of the next epoch over that of the full checkpoint",
          lesson.mean_without / lesson.mean, least=1.1)  # fmt: skip
    near(lesson, 0.45, lesson.mean_without, 0.03)
    near(lesson, 0.37, lesson.mean, 0.03)
    lesson.says("a mean loss of about 0.45 instead of 0.37 over the next ten steps")
    other = lesson.resume(lesson.folder / "checkpoint.pt", lesson.few, forget="random numbers")[1]
    claim("without the random numbers: mean loss of the rest over that of the full checkpoint",
          sum(other) / sum(lesson.second_half), 0.8, 1.25)  # fmt: skip


def test_a_file_without_the_model(lesson, claim):
    _, optimizer, _ = lesson.run(lesson.few, 2)
    file = io.BytesIO()
    lesson.save(file, lesson.new()[0], optimizer, 2)
    file.seek(0)
    losses = lesson.resume(file, lesson.few)[1]
    claim("without the model: first loss", losses[0], 2.2, 2.5)
    claim("without the model: last loss", losses[-1], 0.2, 1)
    lesson.says("The loss jumps to about 2.3, which is guessing, and falls again")


def test_what_a_checkpoint_holds(lesson):
    parameters, averages, generator = lesson.counts.values()
    state = lesson.saved["random"].view(torch.int64)
    assert generator == len(state) and (state[3:627] < 2**32).all(), "624 numbers of 32 bits, each in eight bytes"
    assert parameters == 203_530 and averages == 2 * parameters
    lesson.says("Adam's memory is twice as large as the network.")
