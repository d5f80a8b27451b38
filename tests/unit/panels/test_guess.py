"""`ask`, and the guesses of the notebooks: every other question's is refused."""

import ast

import nbformat
import pytest

from course_utils import catalog
from course_utils.panels import ask, turn_every_control
from course_utils.panels.guess import Guess


@pytest.fixture(params=["1", "0"], ids=["headless", "live"])
def question(request, monkeypatch):
    monkeypatch.setenv("COURSE_HEADLESS", request.param)
    return ask("sum", "What comes out?", ["small", "middle", "large"])


def test_a_guess_is_held_against_the_outcome(question):
    question.controls["guess"].value = "small"
    assert question.reveal("large", of="sum") == "You guessed: small. The outcome: large."
    assert question.controls["guess"].disabled
    turn_every_control(question)  # leaves it alone
    assert question.reveal("small", of="sum") == "The outcome: small, as you guessed."


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (-float("inf"), "small"),
        (1, "small"),
        (1.001, "middle"),
        (5.0, "middle"),
        (5.001, "large"),
        (float("inf"), "large"),
    ],
)
def test_a_number_falls_between_two_bounds_and_one_on_a_bound_below_it(question, value, outcome):
    assert question.reveal(value, bounds=[1, 5], of="sum") == f"The outcome: {outcome}."


@pytest.mark.parametrize(
    ("value", "bounds", "error", "sentence"),
    [
        ("tiny", None, ValueError, "value is 'tiny': it must be one of small, middle, large."),
        (3.0, None, ValueError, "value is 3.0: it must be one of small, middle, large."),
        (3.0, [1], ValueError, "bounds is [1]: 3 options need 2."),
        (3.0, [1, 2, 3], ValueError, "bounds is [1, 2, 3]: 3 options need 2."),
        (3.0, [5, 1], ValueError, "bounds is [5, 1]: each must be larger than the one before."),
        (3.0, [1, 1], ValueError, "bounds is [1, 1]: each must be larger than the one before."),
        (float("nan"), [1, 5], ValueError, "value is nan: only a number falls between bounds."),
        ("3", [1, 5], TypeError, "value is '3' (str): with bounds it must be a number."),
        (True, [1, 5], TypeError, "value is True (bool): with bounds it must be a number."),
    ],
)
def test_outcomes_that_cannot_be(question, value, bounds, error, sentence):
    with pytest.raises(error) as raised:
        question.reveal(value, bounds=bounds, of="sum")
    assert str(raised.value) == sentence
    assert not question.controls["guess"].disabled and not question.widget.children[-1].value


def test_headless_the_question_is_printed_and_nothing_recorded(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    question = ask("sum", "What comes out?", ["0.5", "1.0", "an error"])
    assert capsys.readouterr().out == "What comes out? (0.5 · 1.0 · an error)\n"
    assert question.value is None
    assert question.reveal("1.0", of="sum") == "The outcome: 1.0."


@pytest.mark.parametrize(
    ("key", "question", "options", "error", "sentence"),
    [
        (1, "?", ["a", "b"], TypeError, "key is 1"),
        ("sum", ["a", "b"], "?", TypeError, "question is ['a', 'b']"),
        ("sum", "?", [1, 2], TypeError, "options holds 1"),
        ("sum", "?", ["a"], ValueError, "two or more"),
        ("sum", "?", ["a", "a"], ValueError, "different"),
    ],
)
def test_questions_that_cannot_be(key, question, options, error, sentence):
    with pytest.raises(error) as raised:
        ask(key, question, options)
    assert sentence in str(raised.value)


def calls(tree):
    """The calls of `ask` and of `reveal`, in order, each with the variable that holds the guess."""
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ask":
                yield node, statement.targets[0].id
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal":
                yield node, ast.unparse(node.func.value).partition("[")[0]


def options_of(call, tree):
    """The options that a call of `ask` gives: a list, a variable of its cell, or the names of a dictionary."""
    options = call.args[2]
    if isinstance(options, ast.Call):  # list(FAMILIES)
        (options,) = options.args
    if isinstance(options, ast.Name):
        values = {ast.unparse(one.targets[0]): one.value for one in tree.body if isinstance(one, ast.Assign)}
        options = values[options.id]
    return [one.value for one in (options.keys if isinstance(options, ast.Dict) else options.elts)]


def asked_and_revealed(path):
    """What a notebook asks, {key: Guess}, and what it reveals, [(key, number of bounds)], from the source of its cells.

    A key is the source of one, for a loop may ask a question for each name.
    """
    asked, revealed, held = {}, [], {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code" or cell.id == "colab":  # that one is for IPython
            continue
        tree = ast.parse(cell.source)
        for call, variable in calls(tree):
            if ast.unparse(call.func) == "ask":
                key = held[variable] = ast.unparse(call.args[0])
                assert key not in asked
                asked[key] = Guess(key, "?", options_of(call, tree))
            else:
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                assert ast.unparse(given["of"]) == held[variable]
                revealed.append((held[variable], len(given["bounds"].elts) if "bounds" in given else 0))
        assert "guess.options" not in cell.source  # another question's guess would have others
    return asked, revealed


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_answers_each_question_and_refuses_every_other_guess(path):
    asked, revealed = asked_and_revealed(path)
    recall = {key for key in asked if "recall-" in key}  # on the lessons before: the answers stand below, folded
    assert set(asked) - recall == {key for key, _ in revealed}
    for of, bounds in revealed:
        assert bounds in (0, len(asked[of].options) - 1)
        for key, other in asked.items():
            value = 0 if bounds else other.options[0]
            if key != of:
                with pytest.raises(ValueError, match=rf"^Run the cell that asks {of!r} first: this guess answers "):
                    other.reveal(value, bounds=range(bounds) or None, of=of)
                assert not other.controls["guess"].disabled
