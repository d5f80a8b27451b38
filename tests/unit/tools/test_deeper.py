"""A notebook in notebooks/deeper/ of a small copy of the course: every tool works on it, and turns red if it is broken.

The copy has the real tools, tests and library, and three small notebooks of its own.
"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import nbformat
import pytest

from tests.notebooks import write
from tests.unit.test_repository import broken_links

pytestmark = [pytest.mark.process, pytest.mark.rest]
ROOT = pathlib.Path(__file__).resolve().parents[3]
ROWS = """
LESSONS = (
    Lesson(1, "First", "01_first.ipynb", 1, deeper=(Part("01b", "Probe", "01b_probe.ipynb", 1, mnist=False),)),
)
"""
README = """# Course

## Two commands

Text.

## Lessons

| | Lesson | To be written |
|---|---|---|

## Where things are
"""
PICTURE = """\
from course_utils import plots

figure, axes = plots.new_figure(width=6.5)
axes.plot([1, 2])
plots.Picture(figure, "A line that rises from one to two, evenly.")"""
EXPLORER = """\
from course_utils.panels import Explorer


def draw(axes, factor):
    axes.plot([0, factor / 2])
    return "A line that rises."


Explorer(draw, factor=[1, 2])"""
WORKED_ON = """\
from course_utils.exercises import check  # and a word for one front end: ipylab


def slope(f, x, h):
    return 1


check("01-1", slope)"""
CLAIM = """\
LESSON = "01b_probe.ipynb"


def test_the_answer(lesson, claim):
    claim("the answer", lesson.answer, 42, 42)
"""
NBMAKE = """\
import subprocess
from tools.check import NBMAKE
raise SystemExit(subprocess.run([*NBMAKE, "-n", "0", "-k", "01b_probe"]).returncode)"""
CHECKED = (
    "tests/unit/test_repository.py",
    "tests/unit/panels/test_front_ends.py",
    "tests/unit/tools/lessons/test_form.py",
    "tests/unit/tools/test_badges.py",
    "tests/unit/tools/test_pictures.py",
    "tests/lessons/test_every_control.py",
    "tests/lessons/lesson_01/test_claims_01b_probe.py",
)


def lesson(path, title, images, links):
    """A lesson in which all is in order, once it has its badge."""
    words = "A line that rises from its lower left corner to its upper right one."
    top = f"# {title}\n\n![{words}]({images}/{path.stem}.png)\n\n{links}"
    write(path, ("title", top), ("setup", "answer = 42"), ("picture", PICTURE, "first-picture"), ("turn", EXPLORER))


def broken(path):
    """A notebook that gives each tool a reason to complain."""
    write(
        path,
        ("title", "# 01b · Probe\n\n[Nowhere](../02_nowhere.ipynb)"),
        ("fails", "1 / 0", "hide-input"),
        ("mine", WORKED_ON),
        ("picture", PICTURE, "first-picture"),
        widgets={},
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="a leftover")]
    nbformat.write(notebook, path)


class Course:
    """The copy.

    Attributes:
        root: its folder.
        probe: the notebook that goes deeper.
    """

    def __init__(self, root):
        self.root, self.probe = root, root / "notebooks" / "deeper" / "01b_probe.ipynb"
        for name in ("course_utils", "tools", "tests", "docs"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(ROOT / name, root)
        (root / "README.md").write_text(README, encoding="utf-8")
        (root / "tests" / "lessons" / "lesson_01" / "test_claims_01b_probe.py").write_text(CLAIM)
        rows = root / "course_utils" / "catalog.py"
        rows.write_text(rows.read_text(encoding="utf-8").replace("\n\ndef ", f"{ROWS}\n\ndef ", 1), encoding="utf-8")
        for name in ("images", "docs"):
            (root / "notebooks" / name).mkdir(parents=True)
        shutil.copy(ROOT / "notebooks" / "images" / "colab.svg", root / "notebooks" / "images")
        start = "# Course\n\n![Six small lines, each of which rises from left to right.](images/00_start_here.png)"
        table = "## Lessons\n\n| | Lesson | |\n|---|---|---|"
        write(root / "notebooks" / "00_start_here.ipynb", ("title", start), ("code", "1"), ("lessons", table))
        lesson(root / "notebooks" / "01_first.ipynb", "01 · First", "images", "[More](deeper/01b_probe.ipynb)")
        lesson(self.probe, "01b · Probe", "../images", "Deeper than [lesson 01](../01_first.ipynb)")

    def run(self, *arguments):
        """Run Python in the copy: (exit status, what it printed)."""
        own = {"PYTHONPATH": str(self.root), "COURSE_PROGRESS": str(self.root / "progress.json"), "COURSE_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.root, env={**os.environ, **own}, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def pytest(self, *arguments):
        """Run tests in the copy: (exit status, names of those that failed, what was printed)."""
        status, said = self.run("-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", *arguments)
        failed = set(re.findall(r"^FAILED [\w./-]+::(\w+)", said, re.MULTILINE))
        return status, failed, said


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The copy with badges, tables and pictures."""
    made = Course(tmp_path_factory.mktemp("copy"))
    for tool in ("tools.badges", "tools.pictures"):
        status, said = made.run("-m", tool)
        assert status == 0, said
    return made


@pytest.fixture
def broken_course(course):
    """The copy with a broken notebook in deeper/; mended afterwards."""
    whole = course.probe.read_bytes()
    broken(course.probe)
    yield course
    course.probe.write_bytes(whole)


def cells(path):
    return nbformat.read(path, as_version=4).cells


def test_badge_set_up_cell_and_tables_are_written(course):
    title, first, *_ = cells(course.probe)
    assert (
        "[![Open this lesson in Colab](../images/colab.svg)](https://colab.research.google.com/github/" in title.source
    )
    assert "/notebooks/deeper/01b_probe.ipynb)" in title.source
    assert (first.id, first.source) == ("colab", cells(course.root / "notebooks" / "01_first.ipynb")[1].source)
    readme = (course.root / "README.md").read_text(encoding="utf-8")
    assert "| 01b | [Probe](notebooks/deeper/01b_probe.ipynb) | 1 minutes | [![Open this lesson" in readme
    table = cells(course.root / "notebooks" / "00_start_here.ipynb")[-1].source
    assert "| 01 | [First](01_first.ipynb) | 1 | | [01b Probe](deeper/01b_probe.ipynb) (1) |" in table
    assert course.run("-m", "tools.badges") == (0, "")


def test_links_and_images_lead_somewhere_in_the_notebooks_and_in_both_copies_of_the_handout(course):
    status, said = course.run("-m", "tools.handout")
    assert status == 0, said
    copies = [course.root / "build" / "handout" / name for name in ("learner", "teacher")]
    for folder in (course.root / "notebooks", *copies):
        for place in ("00_start_here.ipynb", "01_first.ipynb", "deeper/01b_probe.ipynb"):
            assert broken_links(folder / place) == []


def test_the_site_has_a_page_of_it_from_which_all_links_lead_somewhere(course):
    site = course.root / "build" / "site"
    status, said = course.run("-m", "tools.pages", "--run", "01b_probe")
    assert status == 0, said
    page = site / "deeper" / "01b_probe.html"
    text = page.read_text(encoding="utf-8")
    targets = [urllib.parse.unquote(html.unescape(target)) for target in re.findall(r'\b(?:href|src)="([^"]+)"', text)]
    own = {target.partition("#")[0].partition("?")[0] for target in targets if not re.match(r"[a-z]+:", target)}
    assert [target for target in own if not (page.parent / target).exists()] == []
    assert {"../01_first.html", "../index.html"} < own
    assert any(target.startswith("../pictures/") for target in own)
    (colab,) = {target for target in targets if "colab.research" in target}
    assert colab.endswith("/notebooks/deeper/01b_probe.ipynb")
    order = re.findall(r'<li class="toctree-l1[^"]*"><a[^>]*href="([^"#]*)', (site / "index.html").read_text())
    assert order == ["00_start_here.html", "01_first.html", "deeper/01b_probe.html"]


def test_all_tests_of_notebooks_pass_and_claims_are_written_down_by_part(course):
    results = course.root / "tests" / "lessons" / "results.md"
    before = re.findall(r"^\| 0\d.*", results.read_text(encoding="utf-8"), re.MULTILINE)
    status, failed, said = course.pytest("--seeds", "2", "-k", "01b_probe or stripped", *CHECKED)
    assert (status, failed) == (0, set()), said
    after = re.findall(r"^\| 0\d.*", results.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted([*before, "| 01b | the answer | 42 … 42 | 42 … 42 |"]) == after
    status, said = course.run("-c", NBMAKE)
    assert status == 0 and "1 passed" in said, said


def test_the_tests_of_notebooks_turn_red(broken_course):
    _, failed, said = broken_course.pytest("-k", "01b_probe or stripped", *CHECKED)
    assert failed == {
        "test_relative_links_resolve",
        "test_outputs_are_stripped",
        "test_notebook_metadata",
        "test_cells_send_nothing_that_one_front_end_alone_understands",
        "test_a_notebook_is_folded_as_make_badges_does_it",
        "test_a_notebook_begins_with_the_set_up_cell_that_all_have",
        "test_a_notebook_has_its_badge_under_the_title",
        "test_a_notebook_shows_its_first_picture_to_readers_without_a_kernel",
        "test_no_control_raises_and_no_text_is_cut_off",
    }, said
    status, said = broken_course.run("-c", NBMAKE)
    assert status == 1 and "ZeroDivisionError" in said, said


@pytest.mark.parametrize(
    "tool, complaint",
    [
        ("tools.pictures", "ZeroDivisionError"),
        ("tools.pages", r"01b_probe\.ipynb failed, so there are no pages"),
        ("tools.exercises", r"^01b_probe\.ipynb: 01-1, what is handed out"),
        ("tools.handout", r"^01b_probe\.ipynb: exercise 01-1 in cell mine has been worked on"),
    ],
)
def test_a_tool_turns_red(broken_course, tool, complaint):
    options = {"tools.pages": ("--run", "01b_probe"), "tools.exercises": ("--check",)}
    status, said = broken_course.run("-m", tool, *options.get(tool, ()))
    assert status != 0 and re.search(complaint, said, re.MULTILINE), said


def test_browser_pages_and_colab_go_through_it(course):
    folders = (
        "tests/browser/test_lessons.py",
        "tests/site",
        "tests/colab/test_alone.py",
        "tests/colab/test_classic.py",
    )
    status, said = course.run("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *folders)
    assert status == 0, said
    found = set(re.findall(r"^([\w/.]+)::(\w+)\[[^]]*01b_probe", said, re.MULTILINE))
    assert found == {
        ("tests/browser/test_lessons.py", "test_a_notebook_runs_and_shows_its_pictures"),
        ("tests/site/test_site.py", "test_a_page_is_whole_and_can_be_read_by_all"),
        ("tests/site/test_site.py", "test_all_text_stands_out_from_what_is_behind_it"),
        ("tests/site/test_site.py", "test_a_page_fits_on_a_telephone"),
        ("tests/site/test_site.py", "test_a_note_on_top_says_where_the_lesson_runs"),
        ("tests/site/test_site.py", "test_a_page_weighs_at_most_3_megabytes"),
        ("tests/colab/test_alone.py", "test_a_notebook_that_arrives_alone_runs_and_no_control_raises"),
        ("tests/colab/test_classic.py", "test_a_notebook_runs_and_shows_its_pictures"),
    }


def test_make_format_strips_it(broken_course):
    recipe = re.search(r"^format:.*\n((?:\t.*\n)+)", (broken_course.root / "Makefile").read_text(), re.MULTILINE)[1]
    (line,) = (line for line in recipe.splitlines() if "nbstripout" in line)
    command = line.strip().lstrip("@").replace("$(VENV)", f"'{sys.executable}'").replace("$$", "$")
    subprocess.run(command, shell=True, cwd=broken_course.root, check=True)
    assert all(not cell.get("outputs") for cell in cells(broken_course.probe))


def test_the_benchmark_has_a_row_for_it_and_the_start_page_shows_the_lessons_pictures(course):
    program = """
from benchmarks import startup
from tools import pictures
print(*(path.name for path in [*startup.notebooks(), *pictures.of_lessons(pictures.ROOT)]))"""
    shutil.copytree(ROOT / "benchmarks", course.root / "benchmarks", ignore=shutil.ignore_patterns("__pycache__"))
    assert course.run("-c", program) == (0, "01_first.ipynb 01b_probe.ipynb 01_first.png\n")
