"""How long each notebook takes by a model, and what it is made of: a table. Holds the limits of a lesson.

python -m tools.lessons.minutes     print the table and write the minutes into the catalog's rows (make minutes)

The model: prose at 130 words a minute, folded answers at 260, 4 seconds for a line of code in sight, 20 for a guess,
2 minutes for a knob, 5 seconds for a drawing, and the minutes that each exercise's own file says. Everything in sight
counts, an exercise's text and stub besides its minutes. What is counted:

- A *word* is letters and digits without a space or a stroke between them: `x.grad`, well-known and 3,072 are one each,
  and/or two. Of Markdown the words in sight count: a link's text, not its address; no alt texts, no HTML tags. A
  formula is one word, and each word in its \\text{} another. Raw cells are prose, too.
- A *folded answer* is what stands between <details> and </details>, its summary included.
- A *line of code* is a line that isn't blank, comments included, in a code cell or in a fenced block of Markdown. It is
  in sight unless its cell is folded, and only the cells that tools/lessons/form.py names are.
- A *guess* is a call of `ask`, folded or not. One with more words than can be read in 20 seconds takes longer.
- A *knob* is a call outside of functions that puts an Explorer, a TrainingPanel or a DrawPad on the page, by itself,
  by a function of the notebook or by one of its lesson's knobs.py.
- A *drawing* is an image in Markdown other than the badge, or a cell in sight that draws and has no knob.
- *Plumbing* is every line in sight that imports from course_utils or from what draws, asks, reveals, draws or displays.
  A function that draws counts whole; so does the head of a loop in which all is plumbing. Where a cell is tagged
  `matplotlib`, what matplotlib draws there doesn't count; what the course's own modules draw does.
"""

import ast
import math
import pathlib
import re
from typing import NamedTuple

import nbformat

from course_utils import catalog
from course_utils.tables import Table
from tools import badges
from tools.exercises import checked, in_a_lesson
from tools.lessons import form

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST = 45  # minutes
TITLE_WORDS = 120
CELL = 25  # lines: what fits on a screen
WORD = re.compile(r"\w+(?:(?:[-.'’]|(?<=\d),(?=\d))\w+)*")
FENCE = re.compile(r"^ *(```|~~~)[^\n]*\n(.*?)^ *\1[^\n]*$", re.MULTILINE | re.DOTALL)
DETAILS = re.compile(r"<details\b.*?(?:</details>|\Z)", re.DOTALL)
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>")
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
NOT_READ = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>|(?<=\])\([^)]*\)", re.DOTALL)
HEADING = re.compile(r"^## +(.*)", re.MULTILINE)


class Count(NamedTuple):
    """What some cells hold; `asking` is seconds, `exercises` minutes, the rest numbers."""

    words: int = 0
    answers: int = 0
    shown: int = 0
    folded: int = 0
    plumbing: int = 0
    asking: float = 0.0
    knobs: int = 0
    drawings: int = 0
    exercises: float = 0.0

    @property
    def minutes(self):
        """That they take."""
        seconds = 4 * self.shown + self.asking + 5 * self.drawings
        return self.words / 130 + self.answers / 260 + seconds / 60 + 2 * self.knobs + self.exercises


def total(counts):
    """Their sum, as a `Count`."""
    return Count(*map(sum, zip(*counts, strict=True)))


def words(markdown):
    """How many words of it are read."""
    text = FORMULA.sub(lambda found: " formula " + " ".join(re.findall(r"\\text\{([^}]*)\}", found[0])), markdown)
    return len(WORD.findall(NOT_READ.sub(" ", IMAGE.sub(" ", text))))


def prose(markdown):
    """The `Count` of a Markdown cell."""
    lines = sum(bool(line.strip()) for _, block in FENCE.findall(markdown) for line in block.splitlines())
    text = FENCE.sub("", badges.ANY_BADGE.sub("", markdown))
    folded = words(" ".join(DETAILS.findall(text)))
    return Count(words(DETAILS.sub(" ", text)), folded, shown=lines, drawings=len(IMAGE.findall(text)))


def program(cell, code, minutes):
    """The `Count` of a code cell that holds exercises of so many minutes."""
    asking = 0.0
    for call in code.asks:
        said = [node for one in call.args[1:] for node in ast.walk(one) if isinstance(node, ast.Constant)]
        asking += max(20.0, 60 * words(" ".join(str(node.value) for node in said)) / 130)
    if form.is_folded(cell):
        return Count(folded=len(code.lines), asking=asking, knobs=code.knobs, exercises=minutes)
    taught = (form.MATPLOTLIB,) if "matplotlib" in cell.metadata.get("tags", []) else ()
    plumbing = sum(kind not in taught for line, kind in code.plumbing.items() if line in code.lines)
    drawings = int(code.shows)
    return Count(
        shown=len(code.lines), plumbing=plumbing, asking=asking, knobs=code.knobs, drawings=drawings, exercises=minutes
    )


class Lesson:
    """A notebook, counted.

    Attributes:
        key: its lesson's number or its part's key, "01" or "01b".
        cells: of the notebook.
        counts: the `Count` of each of them.
        code: [(number of the cell, its `form.Code`)] of the code cells.
        exercises: [(number of the cell, its `Exercise`)].
        first_knob: the number of its cell, or None.
    """

    def __init__(self, key, notebook):
        self.key, self.cells = key, notebook.cells
        place = {cell.id: number for number, cell in enumerate(self.cells)}
        self.exercises = [(place[cell.id], exercise) for cell, exercise in checked(notebook)]
        read = form.code_cells(notebook)
        self.code = [(place[cell.id], code) for cell, code in read]
        self.counts = [Count() if cell.cell_type == "code" else prose(cell.source) for cell in self.cells]
        for (number, code), (cell, _) in zip(self.code, read, strict=True):
            minutes = sum(exercise.minutes for at, exercise in self.exercises if at == number)
            self.counts[number] = program(cell, code, minutes)
        self.first_knob = next((number for number, count in enumerate(self.counts) if count.knobs), None)

    @property
    def minutes(self):
        """That it takes, rounded up."""
        return math.ceil(total(self.counts).minutes)

    def opening(self):
        """(number, `Code`) of the first code cell in sight, or (None, None)."""
        shown = [(number, code) for number, code in self.code if not form.is_folded(self.cells[number])]
        return shown[0] if shown else (None, None)

    def long(self):
        """[(cell, its number of lines)] of the code cells in sight that don't fit on a screen."""
        shown = [self.cells[number] for number, _ in self.code if not form.is_folded(self.cells[number])]
        return [(cell, lines) for cell in shown if (lines := len(cell.source.splitlines())) > CELL]

    def sections(self):
        """[(number of the cell, title)] of its headings of the second level."""
        prose = [(number, cell) for number, cell in enumerate(self.cells) if cell.cell_type == "markdown"]
        return [(number, title) for number, cell in prose for title in HEADING.findall(FENCE.sub("", cell.source))]


def broken(lesson):
    """What of the limits a `Lesson` does not keep, as sentences."""
    found, count, start = [], total(lesson.counts), lesson.key == catalog.START.key
    if lesson.minutes > MOST:
        found.append(f"It takes {lesson.minutes} minutes: at most {MOST}.")
    if count.plumbing * 10 > count.shown and not start:
        found.append(f"{count.plumbing} of {count.shown} lines of code in sight are plumbing: at most a tenth.")
    if lesson.counts[0].words + lesson.counts[0].answers > TITLE_WORDS:
        found.append(f"The title cell has {lesson.counts[0].words} words: at most {TITLE_WORDS}.")
    found += [f"Cell {cell.id} has {lines} lines: at most {CELL}." for cell, lines in lesson.long()]
    found += misplaced(lesson)
    deeper = lesson.key[2:]
    if not start and not any(title.startswith("Recap") for _, title in lesson.sections()):
        found.append("It has no section ## Recap.")
    if not deeper:
        found += closed(lesson)
    if not deeper and not start:
        found += poor(lesson)
    return found


def misplaced(lesson):
    """What is wrong with the places of the exercises. In the clinic a program is its own section."""
    found, taught = [], [number for number, title in lesson.sections() if not title.startswith("Recap")]
    for number, exercise in lesson.exercises:
        above = max((section for section in taught if section < number), default=0)
        cells = [at for at, _ in lesson.code if above < at < number and not form.is_folded(lesson.cells[at])]
        if in_a_lesson(exercise) and not set(cells) - {at for at, _ in lesson.exercises}:
            found.append(f"Above exercise {exercise.name} its section has no code: it belongs below what it practises.")
    practised = [number for number, exercise in lesson.exercises if in_a_lesson(exercise)]
    if practised and practised[0] > max(taught, default=0):
        found.append("All exercises stand in the last section.")
    return found


def closed(lesson):
    """What the opening lacks: a picture that is alive, before anything else. What it imports and sets up is allowed."""
    number, code = lesson.opening()
    own = code and [line for line in code.lines if code.plumbing.get(line) not in (form.IMPORT, form.SET_UP)]
    if not own or not code.knobs or len(own) > 2:
        return ["The first code cell in sight is no knob of one or two lines."]
    above = [cell for cell in lesson.cells[1:number] if cell.cell_type != "code"]
    return ["Between the title and the first knob stands more text."] if above else []


def poor(lesson):
    """What a lesson of the course must have and this one lacks."""
    found = []
    if len(lesson.exercises) < 2:
        found.append(f"It has {len(lesson.exercises)} exercises: at least two.")
    opening, _ = lesson.opening()
    shown = [at for at, _ in lesson.code if not form.is_folded(lesson.cells[at]) and at != opening]
    asked = [call for at, code in lesson.code if at < min(shown, default=0) for call in code.asks]
    recalled = [call for call in asked if str(getattr(call.args[0], "value", "")).startswith("recall")]
    if len(recalled) < 3:
        found.append(f'{len(recalled)} questions, ask("recall-…"), stand above the first lines of code: at least 3.')
    if not any(re.search(r"^> \*\*Heard online", cell.source, re.MULTILINE) for cell in lesson.cells):
        found.append("It has no box > **Heard online:**")
    return found


def read(root=ROOT):
    """{notebook's file name: its `Lesson`} of the course in the folder `root`, in teaching order."""
    paths = catalog.notebooks(root)
    return {path.name: Lesson(catalog.key_of(path.name), nbformat.read(path, as_version=4)) for path in paths}


def row(file, lesson):
    """One of the table."""
    count, cells = total(lesson.counts), len(lesson.cells)
    knob, exercise = "none", "none"
    if lesson.first_knob is not None:
        knob = f"cell {lesson.first_knob}, minute {total(lesson.counts[: lesson.first_knob]).minutes:.0f}"
    if lesson.exercises:
        exercise = f"{lesson.exercises[0][0] / cells:.0%} of the cells"
    numbers = (lesson.minutes, count.words + count.answers, cells, count.shown, count.folded)
    share = f"{count.plumbing / max(count.shown, 1):.0%}"
    return [file, *map(str, numbers), share, knob, exercise]


def table(lessons):
    """The table of all notebooks, given as `read` does."""
    header = ["Notebook", "Minutes", "Words", "Cells", "Lines", "Folded", "Plumbing", "First knob", "First exercise"]
    return Table(header, [row(file, lesson) for file, lesson in lessons.items()])


def write_rows(root, lessons):
    """Write the minutes into the catalog's rows."""

    def change(text):
        for file, lesson in lessons.items():
            text, found = re.subn(rf'("{re.escape(file)}",\s+minutes=)\d+', rf"\g<1>{lesson.minutes}", text)
            if not found:
                raise SystemExit(f"{file}: in its row of the catalog no minutes=… follow the file's name.")
        return text

    badges.rewrite(root / "course_utils" / "catalog.py", change)


def main():
    lessons = read()
    print(table(lessons))
    for file, lesson in lessons.items():
        for sentence in broken(lesson):
            print(f"{file}: {sentence}")
    write_rows(ROOT, lessons)


if __name__ == "__main__":
    main()
