"""What the claims of lesson 06 and of its deeper notebooks share."""

import pytest
import torch
from torch.nn import functional as F


def near(lesson, text, value, margin):
    """On the notebook's own seeds `value` is what the prose says, give or take `margin`; another processor rounds."""
    if lesson.own:
        assert value == pytest.approx(text, abs=margin)


def deep_run(lesson, seed, depth=20, skip=True, he=None):
    """(lengths of the blocks' gradients, loss before training) of the lesson's `deep`; `he` gives it another start."""
    torch.manual_seed(seed)
    model = lesson.deep(depth, skip)
    if he is not None:
        he(model)
    sizes = lesson.gradient_sizes(model, lesson.X_try, lesson.y_try)
    return sizes, F.cross_entropy(model(lesson.X_try), lesson.y_try).item()
