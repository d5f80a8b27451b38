"""What the start page says of its knob."""

from course_utils import catalog
from course_utils.lessons.lesson_00 import knobs
from tools.lessons import minutes

LESSON = "00_start_here.ipynb"


def end(optimizer, lr):
    """The loss after the walk."""
    return knobs.walks(optimizer, (lr,))[1][-1, 0]


def test_from_creeping_over_arriving_to_leaving_the_bowl(lesson, claim):
    claim("SGD, lr 0.01: loss after 30 steps", end("SGD", 0.01), least=10)
    claim("SGD, lr 0.16: loss after 30 steps", end("SGD", 0.16), most=0.001)
    claim("SGD, lr 0.424: loss after 30 steps", end("SGD", 0.424), most=0.001)
    claim("SGD, lr 0.533: loss after 30 steps", end("SGD", 0.533), least=10_000)
    assert any(abs(rate - 0.424) < 0.001 for rate in knobs.RATES)
    lesson.says("at 0.424 it still arrives; at 0.533 the loss is above 10,000")
    paths, _ = knobs.walks("SGD", (0.2, 0.3))
    sides = (paths[1:4, :, 1] > knobs.BOTTOM[1]).tolist()  # of the star, after each of the first three steps
    assert sides == [[True, False], [True, True], [True, False]]
    lesson.says("From about 0.3 it jumps from side to side")


def test_what_the_page_says_of_the_lessons(lesson):
    rows = [row for row in catalog.LESSONS if row.file]
    assert 2 * sum(row.mnist for row in rows) == len(rows)
    lesson.says("on which half of the lessons train")
    assert max(row.minutes for row in rows) <= minutes.MOST
    lesson.says("Each lesson fits one class.")


def test_the_optimizers_at_learning_rate_1(lesson, claim):
    claim("SGD, lr 1: loss after 30 steps", end("SGD", 1.0), least=10_000)
    claim("momentum, lr 1: loss after 30 steps", end("SGD, momentum 0.9", 1.0), least=10_000)
    claim("momentum, lr 0.95: loss after 30 steps", end("SGD, momentum 0.9", 0.95), least=10_000)
    claim("momentum, lr 0.9: loss after 30 steps", end("SGD, momentum 0.9", 0.9), most=68)
    lesson.says("only from about 0.95")
    paths, _ = knobs.walks("Adam", (1.0, 3.0))
    far = abs(paths[1:] - knobs.BOTTOM).max() / abs(paths[0] - knobs.BOTTOM).max()
    claim("Adam, lr 1 and 3: furthest from the star, in units of the start", far, most=1)
    lesson.says("*Adam* swings around the star and stays in the bowl, even at 3")
