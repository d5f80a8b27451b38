"""The floors of course_utils: a file imports from its own floor and those below, and no lesson imports another."""

import ast
import graphlib
import pathlib

import pytest

import course_utils

HERE = pathlib.Path(course_utils.__file__).parent
FLOORS = (
    ("runtime", "own_draws", "catalog", "checks", "interrupts", "order", "own_code", "own_files", "tables"),
    ("data", "models", "optimizers", "training"),
    ("experiment", "sweep"),
    ("plots",),
    ("panels",),
    ("exercises",),
    ("lessons", "session"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# What loads modules by their names at run time, which no import shows: the package its own lazy names, and the engine
# of the exercises the lessons above it. That is the one look upwards.
BY_NAME = {"__init__.py", "exercises/__init__.py"}


def files(root):
    return sorted(path.relative_to(root) for path in root.rglob("*.py"))


def imported(path, root):
    """[(line, room, lesson or "")] of the course's modules that a file imports, at its top or inside a function.

    Raises:
        ValueError: an import is relative, which hides where it leads.
    """
    found = []
    for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"{path}:{node.lineno}: a relative import")
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for package, *parts in (name.split(".") for name in names):
            if package == "course_utils":
                room, lesson = [*parts, "", ""][:2]
                found.append((node.lineno, room, lesson if room == "lessons" else ""))
    return found


def misplaced(root):
    """A sentence for each import that the floors forbid."""
    wrong = []
    for path in files(root):
        parts = path.with_suffix("").parts
        if parts == ("__init__",):
            continue
        lesson = parts[1] if parts[0] == "lessons" else ""
        for line, room, other in imported(path, root):
            if FLOOR.get(room, len(FLOORS)) > FLOOR[parts[0]]:
                wrong.append(f"{path.as_posix()}:{line} looks up to {room or 'the package itself'}")
            if room == "lessons" and other != lesson:
                wrong.append(f"{path.as_posix()}:{line} looks from one lesson into another")
    return wrong


def test_every_room_has_its_floor():
    assert {path.with_suffix("").parts[0] for path in files(HERE)} - {"__init__"} == set(FLOOR)


def test_nothing_looks_up_and_no_lesson_into_another():
    assert misplaced(HERE) == []


def test_rooms_of_one_floor_stand_in_no_circle():
    needed = {}
    for path in files(HERE):
        room = path.with_suffix("").parts[0]
        others = {other for _, other, _ in imported(path, HERE)} - {room}
        needed.setdefault(room, set()).update(others)
    graphlib.TopologicalSorter(needed).prepare()  # raises CycleError


def test_modules_are_loaded_by_name_in_two_places_alone():
    loading = {
        path.as_posix()
        for path in files(HERE)
        if any(name in (HERE / path).read_text(encoding="utf-8") for name in ("import_module", "__import__"))
    }
    assert loading == BY_NAME


@pytest.mark.parametrize(
    "path, planted",
    [
        ("plots/graph.py", "from course_utils.panels import show"),
        ("runtime.py", "def late():\n    from course_utils import data, checks"),
        ("exercises/report.py", "import course_utils.session"),
        ("exercises/report.py", "from course_utils.lessons.lesson_01 import knobs"),
        ("lessons/lesson_01/knobs.py", "from course_utils.lessons.lesson_02 import knobs"),
        ("lessons/lesson_01/knobs.py", "from course_utils.lessons import clinic"),
        ("panels/guess.py", "from course_utils import show"),  # by way of the package, whose lazy names lead anywhere
    ],
)
def test_a_planted_import_is_seen(tmp_path, path, planted):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(planted, encoding="utf-8")
    assert misplaced(tmp_path)


def test_what_is_allowed_is_not_seen(tmp_path):
    file = tmp_path / "lessons" / "lesson_01" / "slope.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "import torch\nfrom course_utils import data, plots\nfrom course_utils.exercises import probes\n"
        "from course_utils.lessons.lesson_01 import knobs\n",
        encoding="utf-8",
    )
    assert misplaced(tmp_path) == []
