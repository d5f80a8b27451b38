"""What lesson 05 says of races on surfaces."""

import pytest
import torch

from tests.lessons.lesson_05.runs import MOMENTUM, NESTEROV, SGD

LESSON = "05_optimizers.ipynb"


def race(lesson, surface, start, names, lr, steps=100):
    """Each racer's last place and height."""
    runs = {name: lesson.descend(surface, lesson.RULES[name][0], start, steps, lr=lr) for name in names}
    return {name: (places[-1], heights[-1]) for name, (places, heights) in runs.items()}


def test_surfaces(lesson, claim):
    x, y = torch.tensor([0.7, -0.3], dtype=torch.float64)
    assert lesson.SURFACES["Rosenbrock"](x, y).item() == pytest.approx(0.3**2 + 100 * (0.3 + 0.49) ** 2)
    torch.nn.utils.vector_to_parameters(lesson.ends[0].clone(), lesson.net.parameters())
    loss = lesson.loss_fn(lesson.net(lesson.X200), lesson.y200).item()
    assert lesson.SURFACES["network"](*lesson.place(lesson.ends[0])).item() == pytest.approx(loss, rel=1e-9)
    assert abs((lesson.x_way @ lesson.y_way).item()) < 1e-9
    claim("the plane through three networks: largest loss of the three", max_end(lesson), most=0.05)
    claim("the plane through three networks: loss in the middle", lesson.middle, least=1)
    claim("the average of three networks, its share of right answers on 200 images", lesson.right, 0.2, 0.7)
    if lesson.own:
        assert lesson.right == pytest.approx(0.49, abs=0.03)


def max_end(lesson):
    return max(lesson.SURFACES["network"](*lesson.place(end)).item() for end in lesson.ends)


def test_the_saddle(lesson):
    assert lesson.escape == {SGD: 318, MOMENTUM: 65, "Adam": 44}
    lesson.says("takes 318 steps; momentum, with its tenfold steps, takes 65")
    on_it = race(lesson, "saddle", (-1.5, 0.0), lesson.RULES, lr=0.05)
    assert all(y == 0 and height >= 1 for (_, y), height in on_it.values())
    slow = race(lesson, "saddle", (-1.5, 0.1), [SGD, MOMENTUM, NESTEROV], lr=0.01)
    fast = race(lesson, "saddle", (-1.5, 0.1), ["RMSprop", "Adagrad", "Adadelta", "Adam"], lr=0.05)
    arrived = {name for name, (_, height) in (slow | fast).items() if height < 0.01}
    assert arrived == {MOMENTUM, NESTEROV, "RMSprop", "Adam"}


def test_where_the_family_breaks_in_the_ravine(lesson):
    def arrives(name, lr):
        return race(lesson, "ravine", (-1.5, 1.0), [name], lr, steps=300)[name][1] < 1

    for name, limit in ((NESTEROV, 0.0136), (SGD, 0.02), (MOMENTUM, 0.038)):
        assert arrives(name, 0.98 * limit) and not arrives(name, 1.02 * limit), name
    lesson.says("Nesterov, near 0.0136")


def test_rosenbrock(lesson):
    names = ["RMSprop", "Adagrad", "Adadelta", "Adam"]
    heights = {lr: race(lesson, "Rosenbrock", (-1.5, 1.0), names, lr, steps=300) for lr in (0.3, 1.0, 3.0)}
    assert heights[1.0]["Adam"][1] < 0.01 < min(height for _, height in heights[0.3].values())
    assert min(height for name, (_, height) in heights[1.0].items() if name != "Adam") > 0.01
    assert heights[3.0]["Adam"][1] > 0.1


def test_one_start_two_valleys(lesson):
    family = race(lesson, "network", (0.3, 0.1), [SGD, MOMENTUM], lr=0.01)
    others = race(lesson, "network", (0.3, 0.1), ["RMSprop", "Adam"], lr=0.05)
    assert all(x > 0.5 for (x, _), _ in family.values()) and all(y > 1 for (_, y), _ in others.values())
    assert max(family[MOMENTUM][1], others["RMSprop"][1], others["Adam"][1]) < 0.01
