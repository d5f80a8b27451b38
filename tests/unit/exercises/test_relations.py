"""What a wrong result has to do with the right one."""

import pytest
import torch

from course_utils.exercises.relations import relation

ROW, TABLE = torch.tensor([1.0, 2.0, 5.0]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    "right, yours, words",
    [
        (ROW, 2 * ROW, "Each number is 2 times as large as the right one."),
        (ROW, ROW / 3, "Each number is 3 times too small."),
        (ROW, -ROW, "Each number is right but for its sign."),
        (ROW, 0.37 * ROW, "Each number is 0.37 times the right one."),
        (0.25, 25.0, "It is 100 times as large as the right one."),
        (0.25, 0.09, ""),
        (ROW, ROW + 0.5, "Each number is 0.5 too large."),
        (ROW, ROW.flip(0), "The right numbers, the last first."),
        (TABLE, TABLE.T, "It is the right table, turned: rows and columns are exchanged."),
        (ROW, ROW[[1, 0, 2]], "The right numbers, in another order."),
        (torch.ones(5, 7), torch.ones(7, 5), "The right sizes, in another order."),
        (torch.ones(5, 7), torch.ones(1, 1, 5, 7), "2 dimensions of size 1 are too many."),
        (torch.ones(5, 1), torch.ones(5), "A dimension of size 1 is missing."),
        (torch.ones(5, 7), torch.ones(4, 6), "Each size is 1 too small."),
        (torch.ones(5, 7), torch.ones(3, 5, 7), "Something was still to be added up, or chosen, along its first"),
        ([1, 2, 3], [2, 3], "The first entry is missing; the others are right."),
        ([1, 2, 3], [1, 2, 3, 4, 5], "The last 2 entries are too many; the others are right."),
        (["[2]", "[4]", "[4]", "[4, 4]"], ["[2]", "[4, 4]"], "Missing in it: 2 times `[4]`. The others are right."),
        (["[2]"], ["[2]", "[3]", "[4, 4]"], "Too many in it: `[3]` and `[4, 4]`. The others are right."),
        (["[2]", "[3]", "[4]"], ["[2]", "[5]"], ""),
        (ROW, torch.tensor([1.0, 2.5, 5.0]), ""),
        ("a", "b", ""),
    ],
)
def test_what_a_wrong_result_has_to_do_with_the_right_one(right, yours, words):
    assert relation([(right, yours)]).startswith(words) and bool(relation([(right, yours)])) == bool(words)


def test_a_relation_holds_on_both_draws():
    assert relation([(2.0, 4.0), (3.0, 6.0)]) == "It is 2 times as large as the right one."
    grown = relation([(2.0, 8.0), (3.0, 18.0)])
    assert grown.startswith("It is 4 times as large") and "On larger inputs: It is 6 times as large" in grown
    assert relation([(2.0, 4.0), (3.0, 7.1)]) == ""
