"""The lessons in teaching order, with what each takes."""

from typing import NamedTuple


class Lesson(NamedTuple):
    """One lesson.

    Attributes:
        number: its place, from 1.
        title: in words.
        file: the notebook's name in notebooks/, or None while the lesson is being written.
        minutes: to read it and turn its knobs: its words, code included, at 60 a minute, rounded to five minutes.
        seconds: that Run All took on the machine whose `REFERENCE_STEPS` are below.
        mnist: does it train on MNIST?
    """

    number: int
    title: str
    file: str | None = None
    minutes: int = 0
    seconds: float = 0.0
    mnist: bool = True


LESSONS = (
    Lesson(1, "Autograd and gradient accumulation", "01_autograd.ipynb", 155, 25.0),
    Lesson(2, "Linear regression", "02_linear_regression.ipynb", 85, 14.0, mnist=False),
    Lesson(3, "MLP: sigmoid against ReLU", "03_mlp.ipynb", 165, 94.0),
    Lesson(4, "CNN", "04_cnn.ipynb", 140, 85.0),
    Lesson(5, "Optimizer comparison", "05_optimizers.ipynb", 165, 93.0),
    Lesson(6, "Ways to build models", "06_ways_to_build.ipynb", 185, 41.0),
)

# Training steps a second that `session.steps_per_second` measured where the lessons' seconds were.
REFERENCE_STEPS = 569.0
