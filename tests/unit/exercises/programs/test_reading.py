"""What stands in a program, and what may be said of it."""

import ast

import pytest

from course_utils import exercises
from course_utils.exercises.programs import reading, slips

RIGHT = """
def descend(w, X, y, lr):
    for _ in range(3):
        loss = ((X @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w
"""
WRONG = RIGHT.replace("w -= lr * w.grad", "w = w - lr * w.grad")
SAID = "`w = w - …` makes a new tensor. `w -= …` changes the leaf itself."
ALL = {name: exercises.find(name) for group in exercises.groups() for name in exercises.modules(group)}
PROGRAMS = [name for name in ALL if not ALL[name].value]


def deserves(sentence, yours):
    return reading.deserves(sentence, ast.parse(yours), ast.parse(WRONG), ast.parse(RIGHT))


def test_code_is_quoted_only_to_whom_it_belongs():
    assert deserves(SAID, WRONG)
    assert deserves(SAID, WRONG.replace("w = w - lr", "w  =  w - 2*lr"))
    assert not deserves(SAID, RIGHT.replace("loss.backward()", "w.grad = None"))  # the line is not there
    assert not deserves(SAID, WRONG + "    w -= 0\n")  # what is missing is there
    assert deserves("`lr` is too large.", RIGHT)  # it stands in both


def test_a_part_of_a_name_is_not_the_name():
    tree = ast.parse("optimizer.zero_grad(set_to_none=True)")
    assert not reading.stands("zero", tree) and not reading.stands("grad", tree)
    assert reading.stands("zero_grad(…)", tree) and reading.stands("optimizer", tree)


def test_a_dimension_is_the_same_with_its_name_and_without():
    assert reading.stands("argmax(dim=0)", ast.parse("x.argmax(0)"))
    assert not reading.stands("argmax(0)", ast.parse("x.argmax(dim=1)"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_mistake_may_be_told_to_who_writes_the_known_program(name):
    right = ast.parse(ALL[name].right.source)
    for variant in ALL[name].mistakes.values():
        wrong = ast.parse(variant.source)
        assert reading.deserves(variant.sentence, wrong, wrong, right), variant.name


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_mistake_that_quotes_a_line_is_told_to_who_did_not_write_it(name):
    """The rule over every exercise: to the right program each sentence with a quote of the wrong one is a lie."""
    right = ast.parse(ALL[name].right.source)
    for variant in ALL[name].mistakes.values():
        wrong = ast.parse(variant.source)
        quotes = [
            q for q in reading.CODE.findall(variant.sentence) if reading.stands(q, wrong) != reading.stands(q, right)
        ]
        assert reading.deserves(variant.sentence, right, wrong, right) == (not quotes), variant.name


@pytest.mark.rest
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_slip_is_like_itself_and_the_solution_is_like_none(name):
    source = ALL[name].right.source
    right = ast.parse(source)
    for words, changed in slips.slips(source):
        slipped = ast.parse(changed)
        if reading.parts(slipped) != reading.parts(right):  # a statement that comes earlier or later has the same parts
            assert reading.alike(slipped, slipped, right), words
            assert not reading.alike(right, slipped, right), words


def test_the_code_of_an_answer_is_itself_and_what_it_calls_in_its_cell():
    assert [one.name for one in reading.tree_of(calls).body] == ["helps", "calls"]
    assert [one.name for one in reading.tree_of(Own).body] == ["Own"]
    assert reading.tree_of(ast.parse) is None  # Python's own
    assert reading.tree_of(made_by(3)) is None  # what `number` is stands elsewhere


def helps(x):
    return x + 1


def calls(x):
    return helps(x)


def made_by(number):
    def answer(x):
        return x + number

    return answer


class Own:
    def __init__(self):
        super().__init__()


def test_parts_do_not_depend_on_names():
    one = ast.parse("def f(a, b):\n    total = 0\n    for x in a:\n        total += x * b\n    return total")
    other = ast.parse("def f(xs, k):\n    s = 0\n    for item in xs:\n        s += item * k\n    return s")
    assert reading.parts(one) == reading.parts(other)
    outside = ast.parse(
        "def f(a, b):\n    total = 0\n    for x in a:\n        pass\n    total += x * b\n    return total"
    )
    assert reading.parts(one) != reading.parts(outside)


def test_who_does_not_leave_a_loop_is_not_told_that_the_loop_is_left():
    wrong = RIGHT.replace("    return w", "        return w")
    anew = RIGHT.replace("w -= lr * w.grad", "new = w.detach() - lr * w.grad").replace("return w", "return new")
    assert reading.alike(*map(ast.parse, (wrong.replace("3", "steps"), wrong, RIGHT)))
    assert not reading.alike(*map(ast.parse, (anew, wrong, RIGHT)))
