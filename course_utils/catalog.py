"""The lessons in teaching order, with what each takes, and where their notebooks are.

Everything that needs the notebooks asks `notebooks()` for their paths; `python -m course_utils.catalog` prints them.
What the README, the start page and the site say of a lesson is written from its row (make badges).
"""

import pathlib
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = "notebooks"
DEEPER = "deeper"  # the folder in FOLDER for what a lesson leaves for later


class Part(NamedTuple):
    """A notebook that goes deeper into its lesson.

    Attributes:
        key: its lesson's number and a letter, for example "01b".
        title: in words.
        file: the notebook's name in notebooks/deeper/.
        minutes, seconds, mnist: as of a `Lesson`.
    """

    key: str
    title: str
    file: str
    minutes: int = 0
    seconds: float = 0.0
    mnist: bool = True

    @property
    def place(self):
        """The notebook's path in notebooks/."""
        return f"{DEEPER}/{self.file}"


class Lesson(NamedTuple):
    """One lesson.

    Attributes:
        number: its place, from 1; the start page has 0.
        title: in words.
        file: the notebook's name in notebooks/, or None while the lesson is being written.
        minutes: to read it, turn its knobs and do its exercises, as `make minutes` counts and writes them.
        seconds: that Run All took on the machine whose `REFERENCE_STEPS` are below.
        mnist: True if it trains on MNIST.
        question: one that it answers.
        deeper: its `Part`s.
    """

    number: int
    title: str
    file: str | None = None
    minutes: int = 0
    seconds: float = 0.0
    mnist: bool = True
    question: str = ""
    deeper: tuple[Part, ...] = ()

    @property
    def key(self):
        """The number in two digits."""
        return f"{self.number:02d}"

    @property
    def place(self):
        """The notebook's path in notebooks/."""
        return self.file


START = Lesson(0, "Start here", "00_start_here.ipynb", minutes=10, seconds=6.0, mnist=False)
LESSONS = (
    Lesson(
        1,
        "Autograd and gradient accumulation",
        "01_autograd.ipynb",
        minutes=45,
        seconds=10.0,
        question="Why must gradients be zeroed?",
        deeper=(
            Part("01b", "Build your own autograd", "01b_engine.ipynb", minutes=40, seconds=7.0, mnist=False),
            Part(
                "01c",
                "Momentum, and when parts aren't the whole",
                "01c_accumulation.ipynb",
                minutes=38,
                seconds=10.0,
            ),
            Part("01d", "When autograd complains", "01d_errors.ipynb", minutes=28, seconds=6.0),
            Part("01e", "Many gradients", "01e_processes.ipynb", minutes=20, seconds=12.0),
        ),
    ),
    Lesson(
        2,
        "Linear regression",
        "02_linear_regression.ipynb",
        minutes=45,
        seconds=8.0,
        mnist=False,
        question="At which learning rate does training break, and can it be known before?",
        deeper=(
            Part("02b", "Names, shapes and seeds", "02b_names.ipynb", minutes=31, seconds=6.0, mnist=False),
            Part(
                "02c", "Learning rates that change on the way", "02c_rates.ipynb", minutes=38, seconds=8.0, mnist=False
            ),
        ),
    ),
    Lesson(
        3,
        "MLP: sigmoid against ReLU",
        "03_mlp.ipynb",
        minutes=45,
        seconds=18.0,
        question="Which is better? And is the question a good one?",
        deeper=(
            Part("03b", "Datasets, habits, silent traps", "03b_habits.ipynb", minutes=40, seconds=10.0),
            Part("03c", "Why depth starves", "03c_depth.ipynb", minutes=38, seconds=16.0),
            Part("03d", "Overfitting; fool the network", "03d_mistakes.ipynb", minutes=43, seconds=17.0),
        ),
    ),
    Lesson(
        4,
        "What a convolution sees",
        "04_cnn.ipynb",
        minutes=45,
        seconds=13.0,
        question="What does a convolution see that an MLP does not?",
        deeper=(
            Part("04b", "Sizes, strides, pooling", "04b_sizes.ipynb", minutes=41, seconds=6.0),
            Part("04c", "train() and eval()", "04c_modes.ipynb", minutes=33, seconds=22.0),
            Part("04d", "Colour, your pictures, GPU", "04d_colour.ipynb", minutes=35, seconds=18.0),
        ),
    ),
    Lesson(
        5,
        "Optimizer comparison",
        "05_optimizers.ipynb",
        minutes=45,
        seconds=14.0,
        mnist=False,
        question="Is Adam better than SGD, once both are tuned?",
        deeper=(
            Part("05b", "Write all eight", "05b_rules.ipynb", minutes=44, seconds=8.0, mnist=False),
            Part("05c", "Races on surfaces", "05c_surfaces.ipynb", minutes=35, seconds=32.0),
            Part("05d", "Tuning in earnest", "05d_tuning.ipynb", minutes=44, seconds=13.0),
            Part("05e", "Many machines", "05e_machines.ipynb", minutes=20, seconds=12.0, mnist=False),
        ),
    ),
    Lesson(
        6,
        "Ways to build models",
        "06_ways_to_build.ipynb",
        minutes=45,
        seconds=11.0,
        question="Which mistake does no error report? And which four characters keep a gradient alive?",
        deeper=(
            Part("06b", "Inside a module", "06b_module.ipynb", minutes=27, seconds=9.0),
            Part("06c", "Networks that read", "06c_sequences.ipynb", minutes=21, seconds=12.0),
            Part("06d", "Someone else's network", "06d_borrowed.ipynb", minutes=38, seconds=11.0),
            Part("06e", "Save and resume", "06e_resume.ipynb", minutes=30, seconds=8.0),
            Part("06f", "A table, end to end", "06f_table.ipynb", minutes=45, seconds=9.0, mnist=False),
        ),
    ),
    Lesson(
        7,
        "Bug clinic",
        "07_clinic.ipynb",
        minutes=45,
        seconds=8.0,
        mnist=False,
        question="Your program runs without an error. Is it right?",
        deeper=(Part("07b", "More broken programs", "07b_more_bugs.ipynb", minutes=45, seconds=6.0, mnist=False),),
    ),
    Lesson(
        8,
        "Your own signs",
        "08_signs.ipynb",
        minutes=45,
        seconds=22.0,
        mnist=False,
        question="Do 6,000 digits help a network to know ten houses?",
        deeper=(
            Part(
                "08b",
                "Unequal classes, and the same numbers again",
                "08b_unequal.ipynb",
                minutes=28,
                seconds=13.0,
                mnist=False,
            ),
            Part("08c", "Your photos", "08c_photos.ipynb", minutes=31, seconds=8.0, mnist=False),
        ),
    ),
)

# Steps/s, as `session.steps_per_second` measures them, of the machine that measured the lessons' `seconds`.
REFERENCE_STEPS = 1230.0


def rows():
    """All rows in teaching order: the start page, then each lesson followed by its parts."""
    return [row for lesson in (START, *LESSONS) for row in (lesson, *lesson.deeper)]


def notebooks(root=ROOT):
    """The paths of all notebooks in teaching order.

    Args:
        root: folder of a copy of the course; default: that of this file.

    Raises:
        FileNotFoundError: `root` has no notebooks, as where course_utils is installed without them.
    """
    folder = pathlib.Path(root) / FOLDER
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There is no folder {folder}: an installed course_utils comes without its notebooks. "
            "Name the folder of a copy of the course, as in notebooks(root)."
        )
    return [folder / row.place for row in rows() if row.file]


def notebook(file, root=ROOT):
    """The path of the notebook with this file name, such as "01b_engine.ipynb", in whichever folder it is."""
    return next(path for path in notebooks(root) if path.name == file)


def place_of(path):
    """A notebook's path in notebooks/, "04_cnn.ipynb" or "deeper/04b_sizes.ipynb", from its whole path."""
    return f"{DEEPER}/{path.name}" if path.parent.name == DEEPER else path.name


def key_of(file):
    """The number of the lesson or the part's key, "01" or "01b", from the notebook's file name."""
    return file.partition("_")[0]


def find(lesson):
    """The row of a lesson by its number, 3 or "03", or of a part by its key, "03b".

    Raises:
        ValueError: there is none.
    """
    key = str(lesson).zfill(2)
    known = {row.key: row for row in rows()}
    if key not in known:
        raise ValueError(f"lesson is {lesson!r}: it must be one of {', '.join(known)}.")
    return known[key]


def is_deeper(folder):
    """True if `folder` is the course's folder of deeper notebooks, wherever that copy of the course is.

    A learner's own folder named "deeper" holds none of them, or has no lesson above it.
    """
    parts = [part for lesson in LESSONS for part in lesson.deeper]
    return (
        folder.name == DEEPER
        and any((folder / part.file).is_file() for part in parts)
        and any((folder.parent / lesson.file).is_file() for lesson in (START, *LESSONS) if lesson.file)
    )


if __name__ == "__main__":
    print(*(path.relative_to(ROOT).as_posix() for path in notebooks()), sep="\n")
