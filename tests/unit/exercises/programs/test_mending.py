"""Where a wrong program errs."""

import ast

import pytest

from course_utils.exercises.programs import mending

RIGHT = """
def share(model, batches):
    right = images = 0
    for X, y in batches:
        right += (model(X) == y).sum()
        images += len(y)
    return right / images
"""


def places(wrong, mends):
    """Where a change gives the program of which `mends` is true, in the order in which they are tried."""
    found = []
    for where, code in mending.mended(ast.parse(wrong), RIGHT):
        names = {}
        exec(code, names)
        try:
            if mends(names["share"]):
                found.append(where)
        except Exception:  # most of them are nonsense
            continue
    return found


def is_right(share):
    import torch

    batches = [(torch.arange(3), torch.tensor([0, 1, 0])), (torch.arange(2), torch.tensor([5, 1]))]
    return float(share(lambda X: X, batches)) == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    "old, new, where",
    [
        ("len(y)", "1", "in line 6, at `images += 1`"),
        (").sum()", ").float().mean()", "in line 5, at `(model(X) == y).float().mean()`"),
        ("right / images", "images / right", "in line 7, at `images / right`"),
        ("        images += len(y)\n", "", "something is missing below line 4"),
        ("    return right", "        return right", "in line 7, at `return right / images`"),
        ("==", "!=", "in line 5, at `model(X) != y`"),
    ],
)
def test_the_place_of_one_change_is_found_first(old, new, where):
    wrong = RIGHT.replace(old, new)
    assert wrong != RIGHT and not is_right_or_raises(wrong)
    assert places(wrong, is_right)[:1] == [where]


def is_right_or_raises(source):
    names = {}
    exec(source, names)
    try:
        return is_right(names["share"])
    except Exception:
        return False


def test_names_of_its_own_are_no_hindrance():
    wrong = RIGHT.replace("right", "hits").replace("images", "n").replace("batches", "loader").replace("len(y)", "1")
    assert places(wrong, is_right)[0] == "in line 6, at `n += 1`"


def test_two_mistakes_and_another_program_have_no_such_place():
    assert not places(RIGHT.replace("len(y)", "1").replace("==", "!="), is_right)
    assert not list(mending.mended(ast.parse("def share(model, batches):\n    return 0.5"), RIGHT))


def test_the_program_is_as_it_was_before():
    tree = ast.parse(RIGHT.replace("len(y)", "1"))
    before = ast.dump(tree)
    list(mending.mended(tree, RIGHT))
    assert ast.dump(tree) == before


def test_what_has_to_go_is_quoted_as_it_stands():
    wrong = RIGHT.replace("sum()", "sum(dtype=torch.bool)")
    assert any("sum(dtype=torch.bool)" in place for place in places(wrong, lambda share: True))
    assert not any(".sum()`" in place for place in places(wrong, lambda share: True))


def test_an_index_is_quoted_with_what_it_is_an_index_of():
    wrong = RIGHT.replace("right / images", "right[:, images].sum()")
    found = places(wrong, lambda share: True)
    assert any("`right[:, images].sum()`" in place for place in found) and not any("``" in place for place in found)
