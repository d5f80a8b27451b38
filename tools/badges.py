"""Writes everything that follows from the catalog's rows and the repository that pyproject.toml names.

Each notebook's badge, set-up cell, minutes and folded cells; the tables of lessons in the README and on the start
page; the pages of terms and idioms in notebooks/docs/.

python -m tools.badges                                write them (make badges)
python -m tools.badges --repo owner/name              …and name another repository first, as a fork does
python -m tools.badges --repo owner/name --ref v1.0   …at another branch or tag

The address stands in pyproject.toml alone; this program writes every other text that has it.
"""

import argparse
import pathlib
import re

import nbformat

from course_utils import catalog
from tools.lessons import form, glossary

ROOT = pathlib.Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r'^(Repository = )"https://github\.com/([\w.-]+/[\w.-]+)/tree/([\w./-]+)"$', re.MULTILINE)
CELL = """\
from importlib.util import find_spec

if not find_spec("course_utils"):  # on Colab a notebook arrives alone
    ![ -d {name} ] || git clone -q --depth 1 -b {ref} https://github.com/{repo}
    %run {name}/tools/colab.py"""
BADGE = "[![Open this lesson in Colab]({image})](https://colab.research.google.com/github/{repo}/blob/{ref}/{path})"
ANY_BADGE = re.compile(r"\[!\[Open this lesson in Colab\]\([^)]*\)\]\([^)]*\)")
MINUTES = re.compile(r"\b([Aa])bout \d+ minutes")
TABLE = re.compile(r"^\| \| Lesson \|.*(?:\n\|.*)*", re.MULTILINE)


def address(root):
    """(repo, ref): owner/name and the branch or tag that readers get, as pyproject.toml under `root` has them."""
    return ADDRESS.search((root / "pyproject.toml").read_text(encoding="utf-8")).group(2, 3)


def set_address(root, repo, ref):
    """Write another address into pyproject.toml; None keeps what is there."""
    before = address(root)
    repo, ref = repo or before[0], ref or before[1]
    new = f'Repository = "https://github.com/{repo}/tree/{ref}"'
    if not ADDRESS.fullmatch(new):
        raise SystemExit(f"{repo} at {ref} is no address: a repository is owner/name, as in github.com/owner/name.")
    rewrite(root / "pyproject.toml", lambda text: ADDRESS.sub(new, text))


def set_up_cell(repo, ref):
    """The source of the set-up cell, the same in all notebooks."""
    return CELL.format(repo=repo, ref=ref, name=repo.partition("/")[2])


def badge(repo, ref, place, images):
    """Markdown of the badge that opens a notebook in Colab.

    Args:
        place: the notebook's path in notebooks/.
        images: the relative path from where the badge stands to the folder notebooks/images.
    """
    return BADGE.format(repo=repo, ref=ref, path=f"{catalog.FOLDER}/{place}", image=f"{images}/colab.svg")


def images_from(place):
    """The relative path from a notebook to the folder notebooks/images; `place` is its own path in notebooks/."""
    return "../" * place.count("/") + "images"


def write_notebook(path, place, repo, ref):
    """Badge under the title, minutes in it, set-up cell before the first code, cells folded; no more is touched."""
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0]
    heading, _, rest = ANY_BADGE.sub("", title.source).partition("\n")
    rest = MINUTES.sub(rf"\1bout {catalog.find(catalog.key_of(path.name)).minutes} minutes", rest.strip(), count=1)
    title.source = f"{heading}\n\n{badge(repo, ref, place, images_from(place))}\n\n{rest}"
    cells = [cell for cell in notebook.cells if cell.id != form.COLAB]
    first = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    cells.insert(first, nbformat.v4.new_code_cell(set_up_cell(repo, ref), id=form.COLAB))
    notebook.cells = cells
    form.fold(notebook)
    rewrite(path, lambda _: nbformat.writes(notebook) + "\n")


def table(*lines):
    """Markdown of a table of texts; the first line is its header."""
    header, *rows = ["".join(f"| {cell} ".replace("|  ", "| ") for cell in line) + "|" for line in lines]
    return "\n".join([header, "|---" * len(lines[0]) + "|", *rows])


def readme_table(repo, ref):
    """The README's table: every notebook, with minutes and a badge."""
    lines = [("", "Lesson", "To read and try", "Without installing")]
    for row in catalog.rows():
        if row.file:
            title, minutes = f"[{row.title}]({catalog.FOLDER}/{row.place})", f"{row.minutes} minutes"
            lines.append((row.key, title, minutes, badge(repo, ref, row.place, f"{catalog.FOLDER}/images")))
        else:
            lines.append((row.key, row.title, "*being written*", ""))
    return table(*lines)


def start_table():
    """The start page's map: every lesson with its minutes and its question, and what goes deeper with its minutes."""
    lines = [("", "Lesson", "Minutes", "A question it answers", "Deeper, for later")]
    for lesson in catalog.LESSONS:
        title = f"[{lesson.title}]({lesson.place})" if lesson.file else f"{lesson.title} *(being written)*"
        parts = [f"[{part.key} {part.title}]({part.place}) ({part.minutes})" for part in lesson.deeper]
        minutes = str(lesson.minutes) if lesson.file else ""
        lines.append((lesson.key, title, minutes, lesson.question, " · ".join(parts)))
    columns = 5 if any(lesson.deeper for lesson in catalog.LESSONS) else 4
    return table(*(line[:columns] for line in lines))


def with_table(text, new, name):
    """A text with its table of lessons replaced by the table `new`; `name` is that of its file."""
    if not TABLE.search(text):
        raise SystemExit(f"{name} has no table of lessons: a line that begins with | | Lesson |.")
    return TABLE.sub(lambda _: new, text, count=1)


def write_start(path):
    """The table of the start page at `path`."""
    notebook = nbformat.read(path, as_version=4)
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    cell = next((cell for cell in prose if TABLE.search(cell.source)), prose[0])
    cell.source = with_table(cell.source, start_table(), path.name)
    rewrite(path, lambda _: nbformat.writes(notebook) + "\n")


def rewrite(path, change):
    """Replace the text of the file at `path` by `change(text)`; print the file's name if that differs."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    after = change(before)
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
        print(path.name)


def write(root):
    """All that this program writes, in the project in the folder `root`."""
    repo, ref = address(root)
    for path in catalog.notebooks(root):
        write_notebook(path, catalog.place_of(path), repo, ref)
    write_start(root / catalog.FOLDER / catalog.START.place)
    rewrite(root / "README.md", lambda text: with_table(text, readme_table(repo, ref), "README.md"))
    for name, text in glossary.pages(root).items():
        rewrite(root / catalog.FOLDER / "docs" / name, lambda _, text=text: text)


def main():
    parser = argparse.ArgumentParser(description="Writes badges, set-up cells and tables; names changed files.")
    parser.add_argument("--repo", help="owner/name; default: what pyproject.toml has")
    parser.add_argument("--ref", help="branch or tag; default: what pyproject.toml has")
    options = parser.parse_args()
    set_address(ROOT, options.repo, options.ref)
    write(ROOT)


if __name__ == "__main__":
    main()
