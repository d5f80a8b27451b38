"""What probes draw from: the same for every program, sizes that grow, and a stream of its own."""

import pytest
import torch
from torch import nn

from course_utils.exercises import diagnose
from course_utils.exercises.draw import Draw
from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import RIGHT, WRONG

DRAWN = {
    "number": lambda draw: draw.number(0, 10**6),
    "randint": lambda draw: draw.randint(0, 10**6, (3,)),
    "labels": lambda draw: draw.labels(3, 10**6),
    "randn": lambda draw: draw.randn(3, 2),
    "rand": lambda draw: draw.rand(3),
    "randperm": lambda draw: draw.randperm(20),
    "network": lambda draw: draw.network(lambda: nn.Linear(3, 2)).weight.detach(),
}


def test_sizes_are_the_probes_own_on_the_usual_draw():
    draw = Draw()
    assert [draw.size(n) for n in (1, 2, 7, 100)] == [1, 2, 7, 100]


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100])
def test_sizes_are_larger_on_other_draws(n):
    sizes = [Draw(seed).size(n) for seed in range(1, 60)]
    assert n < min(sizes) < max(sizes) <= n + max(2, n // 2)


@pytest.mark.parametrize("what", DRAWN)
def test_a_draw_repeats_itself_and_no_other(what):
    one, same, other = (torch.as_tensor(DRAWN[what](Draw(seed))) for seed in (3, 3, 4))
    assert one.equal(same)
    assert not one.equal(other)


@pytest.mark.parametrize("what", DRAWN)
def test_it_leaves_the_answers_stream_alone_and_is_left_alone(what):
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    first = torch.as_tensor(DRAWN[what](Draw(3)))
    assert torch.rand(4).equal(expected)
    assert first.equal(torch.as_tensor(DRAWN[what](Draw(3))))


def test_an_answer_that_draws_does_not_draw_the_inputs_again():
    torch.manual_seed(3)
    assert not torch.rand(4).equal(Draw(3).rand(4))


def test_what_is_drawn():
    draw = Draw()
    assert {draw.number(2, 4) for _ in range(30)} == {2, 3}
    labels = draw.labels(40, 3)
    assert labels.dtype == torch.int64 and set(labels.tolist()) == {0, 1, 2}
    assert draw.randint(0, 3).shape == () and draw.randint(0, 3, (2, 5)).shape == (2, 5)
    assert sorted(draw.randperm(5).tolist()) == [0, 1, 2, 3, 4]
    assert draw.rand().shape == () and 0 <= draw.rand() < 1


def test_every_program_gets_a_draw_of_its_own_and_the_usual_one(in_threads):
    """What an answer draws changes nothing of what comes after it."""
    exercise = Exercise("f", kind="write", title="t", minutes=1, text="t", hints=("h",), remember="r")
    exercise.name = "test-1"
    seen = []

    @exercise.probe
    def probe(f, draw):
        for _ in range(2):
            seen.append((draw.size(4), draw.randn(2).tolist()))
            yield "it", f(torch.tensor(seen[-1][1]))

    @exercise.solution
    def solution(X):
        return X + 1

    @exercise.mistake("no")
    def mistake(X):
        return X + torch.rand(2)

    def answer(X):
        torch.rand(7)
        return X + 1

    assert diagnose.diagnose(exercise, answer).status == RIGHT
    assert seen[:2] == seen[2:] and seen[0][0] == 4
    del seen[:]
    assert diagnose.diagnose(exercise, lambda X: X, seed=5).status == WRONG
    assert seen[0] == seen[2] == seen[3] and seen[0][0] > 4  # the solution, the answer, the mistake
