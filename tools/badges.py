"""Writes each notebook's badge and set-up cell, and README's badges, for the repository that pyproject.toml names.

python tools/badges.py                                write them (make badges)
python tools/badges.py --repo owner/name              …and name another repository first, as a fork does
python tools/badges.py --repo owner/name --ref v1.0   …at another branch or tag

The address stands in pyproject.toml and nowhere else; everything that holds it is written by this program.
"""

import argparse
import pathlib
import re

import nbformat

ROOT = pathlib.Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r'^(Repository = )"https://github\.com/([\w.-]+/[\w.-]+)/tree/([\w./-]+)"$', re.MULTILINE)
CELL_ID = "colab"
CELL = """\
from importlib.util import find_spec

if not find_spec("course_utils"):  # on Colab a notebook arrives alone
    ![ -d {name} ] || git clone -q --depth 1 -b {ref} https://github.com/{repo}
    %run {name}/tools/colab.py"""
BADGE = "[![Open this lesson in Colab]({image})](https://colab.research.google.com/github/{repo}/blob/{ref}/notebooks/{file})"
ANY_BADGE = re.compile(r"\[!\[Open this lesson in Colab\]\([^)]*\)\]\([^)]*\)")
ROW = re.compile(r"^(\| \d\d \| \[[^]]*\]\(notebooks/([\w.]+\.ipynb)\) \|[^|]*\|).*$", re.MULTILINE)


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


def badge(repo, ref, file, image):
    """Markdown of the badge that opens the notebook `file` in Colab."""
    return BADGE.format(repo=repo, ref=ref, file=file, image=image)


def write_notebook(path, repo, ref):
    """Badge under the title, set-up cell before the first code; nothing else is touched."""
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0]
    heading, _, rest = ANY_BADGE.sub("", title.source).partition("\n")
    title.source = f"{heading}\n\n{badge(repo, ref, path.name, 'images/colab.svg')}\n\n{rest.strip()}"
    cells = [cell for cell in notebook.cells if cell.id != CELL_ID]
    first = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    cells.insert(first, nbformat.v4.new_code_cell(set_up_cell(repo, ref), id=CELL_ID))
    notebook.cells = cells
    rewrite(path, lambda _: nbformat.writes(notebook) + "\n")


def write_readme(path, repo, ref):
    """A badge at the end of each row of the lesson table that links to a notebook."""

    def with_badge(row):
        return f"{row[1]} {badge(repo, ref, row[2], 'notebooks/images/colab.svg')} |"

    rewrite(path, lambda text: ROW.sub(with_badge, text))


def rewrite(path, change):
    """Write the text of the file at `path` anew if `change` makes another of it, and say so."""
    before = path.read_text(encoding="utf-8")
    after = change(before)
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
        print(path.name)


def write(root):
    """All badges and set-up cells of the project in the folder `root`."""
    repo, ref = address(root)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        write_notebook(path, repo, ref)
    write_readme(root / "README.md", repo, ref)


def main():
    parser = argparse.ArgumentParser(description="Writes badges and set-up cells; names the files that changed.")
    parser.add_argument("--repo", help="owner/name; default: what pyproject.toml has")
    parser.add_argument("--ref", help="branch or tag; default: what pyproject.toml has")
    options = parser.parse_args()
    set_address(ROOT, options.repo, options.ref)
    write(ROOT)


if __name__ == "__main__":
    main()
