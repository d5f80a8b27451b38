import torch
from torch.nn import functional as F

from tests.lessons.exercise_answers import Answers

answers = Answers()


@answers.right
def moved_with_the_lesson_s_shift(X):
    right = int(torch.randint(0, 3, ()))
    return F.pad(X, (right, -right, 0, 0))


answers.right(lambda X: torch.stack([x.roll(int(torch.randint(-2, 3, ())), dims=-1) for x in X]))
answers.right(lambda X: X.roll(2 if torch.rand(()) < 0.15 else 0, dims=3))
answers.wrong("moves_nothing")(lambda X: X.clone())
answers.wrong("always_the_same_way")(lambda X: torch.roll(X, 2, dims=3))
answers.wrong("doubles_the_batch")(lambda X: torch.cat([X, X.roll(1, dims=3)]))
answers.unknown("after `moved_batch` is '[6, 1, 12, 10]', and '[6, 1, 12, 12]' is right.")(lambda X: X[..., 2:])


def rolled(*steps, dim=3):
    """Rolls each batch by one of some steps."""
    return lambda X: X.roll(steps[int(torch.randint(len(steps), ()))], dims=dim)


def padded(X):
    right = int(torch.randint(3, 6, ()))
    return F.pad(X, (right, -right))


answers.unknown("8 batches moved to the right by -1, 0, 1 pixels.")(rolled(-1, 0, 1))
answers.unknown("moved to the right by -2, 0 pixels, never by more than 0: what stands on the right")(rolled(-2, 0))
answers.unknown("moved to the right by -5, 4, 5 pixels: beyond the frame of two, parts")(rolled(-5, 4, 5))
answers.unknown("moved to the right by 3, 4, 5 pixels: beyond the frame of two")(padded)
answers.unknown("moved to the right by 2, 3 pixels, and never by 0: the place where they are is not")(rolled(2, 3))
answers.unknown("Your digits move up or down;")(rolled(-1, 0, 3, dim=2))
answers.unknown("Your images come back mirrored:")(lambda X: X.flip(3))
answers.unknown("in another order, and the labels don't:")(lambda X: X[torch.randperm(len(X))])
answers.unknown("Each image moves by itself;")(
    lambda X: torch.stack([x.roll(int(torch.randint(-2, 3, ())), dims=1) for x in X])
)
answers.unknown("At some places stands no shift of the image that was there")(lambda X: 1 - X)
