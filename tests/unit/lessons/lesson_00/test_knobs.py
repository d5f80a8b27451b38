"""The start page's knob walks down lesson 01's bowl, and says where it ends."""

import numpy as np
import pytest
import torch

from course_utils.lessons.lesson_00 import knobs
from course_utils.lessons.lesson_01 import built


def test_the_bowl_and_the_walk_are_those_of_lesson_01():
    paths, losses = knobs.walks("SGD", (0.1, 0.6))
    for i, lr in enumerate((0.1, 0.6)):
        path = built.descend(lr, steps=knobs.STEPS)
        assert np.allclose(paths[:, i], path, rtol=1e-4)
        assert losses[0, i] == pytest.approx(built.bowl(path[0]).item())


def test_many_walks_at_once_are_those_of_one_optimizer_each():
    rates = (0.02, 0.3)
    for name in knobs.OPTIMIZERS:
        together = knobs.walks(name, rates)[0]
        for i, rate in enumerate(rates):
            w = torch.tensor(knobs.START, dtype=torch.float64, requires_grad=True)
            optimizer = knobs.OPTIMIZERS[name]([w], lr=rate)
            for _ in range(knobs.STEPS):
                optimizer.zero_grad()
                built.bowl(w).backward()
                optimizer.step()
            assert np.allclose(together[-1, i], w.detach())


def test_the_sentence_tells_creeping_arriving_and_leaving_apart():
    knob = knobs.bowl()
    assert knob.sentence == "SGD, lr 0.01: loss 68 at the start; after 30 steps 14.2."
    endings = {0.4: "below 0.001: it has arrived.", 1.0: "above 10,000: it has left the bowl."}
    for lr, ending in endings.items():
        knob.controls["lr"].value = lr
        assert knob.sentence.endswith(f"after 30 steps {ending}")
    knob.controls["optimizer"].value = "Adam"
    assert knob.sentence.startswith("Adam, lr 1:") and "left" not in knob.sentence
    assert knob.errors == []
    knob.close()
