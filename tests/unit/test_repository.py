"""The repository as a whole: links lead somewhere, notebooks are clean, files small, the README's promises kept."""

import ast
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from course_utils import catalog

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = catalog.notebooks()
ROOMS = ("course_utils", "tests", "tools", "classroom", "benchmarks", "docs")
PAGES = [
    *(page for folder in (".", "docs", "notebooks/docs") for page in sorted(ROOT.glob(f"{folder}/*.md"))),
    *NOTEBOOKS,
]

# [text](target "title"), ![text](target) and the src and href of HTML.
LINK = re.compile(r"""\]\(\s*<?([^)\s>]+)>?[^)]*\)|\b(?:src|href)\s*=\s*["']([^"']+)["']""")
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def prose(page):
    """The Markdown of a page, Markdown file or notebook, without its blocks of code."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page):
    """The fragments one may link to: GitHub's form for a Markdown file, JupyterLab's for a notebook."""
    headings = HEADING.findall(prose(page))
    if page.suffix == ".ipynb":
        return {heading.replace(" ", "-") for heading in headings}
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page):
    """The relative links of a page that lead nowhere."""
    broken = []
    for found in LINK.finditer(prose(page)):
        link = found[1] or found[2]
        if re.match(r"[a-z]+:", link):  # another host, mail, or a picture that is its own data
            continue
        path, _, fragment = urllib.parse.unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and target.suffix in (".md", ".ipynb") and fragment not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page):
    assert broken_links(page) == []


@pytest.mark.process
def test_outputs_are_stripped():
    """No outputs, no execution counts, no widget state."""
    done = subprocess.run(
        [sys.executable, "-m", "nbstripout", "--verify", "--keep-id", *NOTEBOOKS], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nMend it with: make format"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_metadata(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    # Without it JupyterLab stops at a question about the kernel.
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    # GitHub refuses to show a notebook whose widget state is incomplete.
    assert "widgets" not in notebook["metadata"]
    # Format 4.5 is the first with ids, and links and diffs hold on to those.
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    ids = [cell.get("id") for cell in notebook["cells"]]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def too_large(root):
    """Files of more than 400 lines, and folders of more than 15 Python files, those of exercises not counted."""
    files = [path for room in ROOMS for kind in ("py", "js", "css") for path in (root / room).rglob(f"*.{kind}")]
    long = [path for path in files if path.read_text(encoding="utf-8").count("\n") > 400]
    counted = (path.parent for path in files if path.suffix == ".py" and not re.match(r"ex\d+_", path.name))
    return long + [folder for folder, number in collections.Counter(counted).items() if number > 15]


def test_no_file_and_no_folder_is_too_large():
    assert too_large(ROOT) == []


def test_what_is_too_large_is_found(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    for number in range(16):
        (folder / f"ex{number}_one.py").touch()
        (folder / f"a{number}.py").touch()
    (folder / "full.css").write_text(400 * "\n")
    (folder / "long.js").write_text(401 * "\n")
    assert too_large(tmp_path) == [folder / "long.js", folder]


def commands(page):
    """What a page shows as code, in blocks or within a line."""
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_make_targets_in_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"\bmake ([a-z-]+)\b", commands(page))}
    assert {"lab", "test"} <= named
    assert named <= targets


def test_a_file_of_the_course_imports_only_from_what_stands_above_it_in_the_readme():
    package = ROOT / "course_utils"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"^course_utils/ .*\n((?: .*\n)+)", readme, re.MULTILINE)
    rooms = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    order = list(dict.fromkeys(name for name in re.findall(r"\b(\w+)(?:\.py\b|/)", lines) if name in rooms))
    assert {*order} == rooms - {"__init__"}
    seen = 0
    for path in package.rglob("*.py"):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if own != "__init__" else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "course_utils":
                inside = node.module.split(".")[1:2]
                for name in inside or [alias.name for alias in node.names if alias.name in rooms]:
                    assert order.index(name) <= order.index(own), f"{path} imports {name}"
                    seen += 1
    assert seen > 100


def requirements():
    """{name: [Requirement, …]} over all requirement files."""
    found = {}
    for path in ROOT.glob("requirements*.txt"):
        for line in path.read_text().splitlines():
            line = line.partition("#")[0].strip()
            if line and not line.startswith("-"):
                requirement = Requirement(line)
                found.setdefault(requirement.name.lower(), []).append(requirement)
    return found


@pytest.mark.parametrize("name", sorted(requirements()))
def test_requirements_are_ranges_that_do_not_contradict(name):
    """A lower bound, an upper bound, and some version between them that every file admits."""
    bounds = [bound for requirement in requirements()[name] for bound in requirement.specifier]
    lower = max(Version(bound.version) for bound in bounds if bound.operator == ">=")
    upper = min(Version(bound.version) for bound in bounds if bound.operator == "<")
    assert lower < upper
    assert all(requirement.specifier.contains(lower) for requirement in requirements()[name])


@pytest.mark.process
@pytest.mark.parametrize("way", ["arguments", "environment"])
@pytest.mark.parametrize("given", ["here", "some where", "/there", "~/mine", "../up"])
def test_make_hands_on_absolute_paths(tmp_path, way, given):
    """Those of data and progress, however they were set: notebooks run in another folder. And it forgets the file that
    it handed on."""
    (tmp_path / "Makefile").write_text(f'include {ROOT}/Makefile\nshow:\n\t@echo "$$COURSE_DATA|$$COURSE_PROGRESS"\n')
    settings = {"COURSE_DATA": given, "COURSE_PROGRESS": given}
    arguments = [f"{name}={text}" for name, text in settings.items()] if way == "arguments" else []
    env = os.environ | {"HOME": "/home/ada"} | ({} if arguments else settings)
    expected = "/home/ada/mine" if given[0] == "~" else os.path.join(tmp_path, given)

    def made(flag, target):
        command = ["make", "--no-print-directory", flag, *arguments, target]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True).stdout

    assert made("-s", "show").strip() == f"{expected}|{expected}"
    assert made("-n", "clean-progress").startswith(f'rm -f "{expected}" "{expected}".lock')
