"""What in a program comes to nothing."""

import ast

import pytest

from course_utils import exercises
from course_utils.exercises.programs import remarks

ALL = {name: exercises.find(name) for group in exercises.groups() for name in exercises.modules(group)}


def said(body, right="def f(p, items):\n    return p"):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return remarks.remarks(ast.parse(f"def f(p, items):\n{lines}"), right)


@pytest.mark.parametrize(
    "body, words",
    [
        ("p.detach()\nreturn p", "The result of `p.detach()` is thrown away"),
        ("p.training == True\nreturn p", "`p.training == True` compares, and changes nothing."),
        ("p + 1\nreturn p", "`p + 1` is computed, and thrown away."),
        ("p.step\nreturn p", "`step` stands there without parentheses"),
        ("torch.no_grad()\nreturn p", "`torch.no_grad()` on a line of its own does nothing"),
        ("nn.Linear(2, 3)\nreturn p", "`nn.Linear(2, 3)` makes something that nobody keeps."),
        ("with torch.no_grad():\n    pass\nreturn p", "Nothing stands inside `with torch.no_grad()`."),
        ("try:\n    p()\nexcept ValueError:\n    pass\nreturn p", "Your `except` is silent"),
        ("return p\np.eval()", "`p.eval()` is never reached: it stands below `return p`."),
        ("for x in items:\n    p(x)\n    return p", "`return p` ends the loop in its first round"),
        (
            "for x in items:\n    y = p(x)\nreturn y",
            "Each round makes `y` anew, and nothing in the loop uses it: `return y` behind the loop gets",
        ),
        ("head = p()\nreturn p", "`head` gets a value that nothing uses."),
        ("p.fc.out_features = 3\nreturn p", "`p.fc.out_features = …` is a note"),
        ("return torch.randint(0, 1, (3,))", "`torch.randint(0, 1, (3,))` is always 0"),
    ],
)
def test_what_comes_to_nothing_is_told(body, words):
    assert any(one.startswith(words) for one in said(body)), said(body)


@pytest.mark.parametrize(
    "body",
    [
        "p.detach_()\nreturn p",
        "torch.add(p, 1, out=p)\nreturn p",
        "with torch.no_grad():\n    p += 1\nreturn p",
        "total = 0\nfor x in items:\n    total = total + x\nreturn total",
        "for x in items:\n    if x:\n        return x\nreturn p",
        "y = None\nfor x in items:\n    y = x\nreturn y",
        "_ = p()\nreturn p",
        "seen = set()\nseen.add(p)\nreturn seen",
        "p.float()\nreturn p",  # of a network
        "p.cpu()\nreturn p",
        "nn.Module.__init__(p)\nreturn p",
        "for x in items:\n    if not x:\n        continue\n    return x\nreturn p",
        "return torch.randint(0, 10, (3,))",
    ],
)
def test_what_has_an_effect_is_not(body):
    assert said(body) == []


def test_a_name_for_something_new_is_told_where_the_argument_is_to_be_changed():
    assert "`p = …` names something new inside your function; the caller's stays as it was." in said("p = p + 1", "p")
    assert said("p = p + 1\nreturn p") == []
    assert said("p = list(p)\nfor x in p:\n    x()", "p") == []  # to be read twice


def test_a_class_is_told_what_nobody_uses():
    source = "class Net:\n    def __int__(self):\n        self.fc = 1\n    def forward(self, X):\n        return X"
    found = remarks.remarks(ast.parse(source), "return ")
    assert "Nobody calls a method named `__int__`: look at each letter." in found
    assert "`self.fc` stands in the class, and `forward` does not use it." in found


def test_what_holds_parts_of_another_attribute_is_no_idle_one():
    source = "class Net:\n    def __init__(self):\n        self.fc = [1]\n        self.known = List(self.fc)\n"
    source += "    def forward(self, X):\n        return self.fc[0](X)"
    assert remarks.remarks(ast.parse(source), "return ") == []


@pytest.mark.parametrize(
    "result",
    [
        "nn.Sequential(*self.children())(X)",
        "super().forward(X)",
        'getattr(self, "fc")(X)',
        "self._modules['fc'](X)",
        "self.forward_fc(X)\n    def forward_fc(self, X):\n        return self.fc(X)",
    ],
)
def test_a_layer_that_is_used_without_its_name_is_no_idle_one(result):
    source = (
        f"class Net:\n    def __init__(self):\n        self.fc = 1\n    def forward(self, X):\n        return {result}"
    )
    assert remarks.remarks(ast.parse(source), "return ") == []


@pytest.mark.parametrize("name", [name for name in ALL if not ALL[name].value])
def test_nothing_is_remarked_on_a_solution(name):
    assert remarks.remarks(ast.parse(ALL[name].right.source), ALL[name].right.source) == []
