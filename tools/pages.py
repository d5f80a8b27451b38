"""Makes pages of the lessons for readers without a kernel: `python -m tools.pages` writes build/site/index.html.

Each lesson is run once, headless, so that a panel leaves its first picture; later calls run only lessons whose code
has changed, or the course's. Sphinx makes the pages (docs/site/conf.py); a page fetches nothing from another host.
"""

import argparse
import base64
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from importlib.metadata import version

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course_utils import catalog
from tools import badges, player
from tools.lessons import form

ROOT = pathlib.Path(__file__).resolve().parents[1]
RUNS = ROOT / "build" / "site-runs"  # the lessons with their outputs, to be used again
SITE = ROOT / "build" / "site"

SHOWN = ("text/html", "text/markdown", "image/svg+xml", "text/plain")  # of several forms of an output, the first found
PNG = re.compile(r'src="data:image/png;base64,([^"]+)"(?: width="(\d+)")?')
LINK = re.compile(r"\]\(([^)\s]+)\)")

NOTE = """\
```{{admonition}} Read it here, run it live
:class: note

This page shows the lesson as {how}. To turn all its knobs and run your own changes,
[open it in Colab]({colab}), where nothing needs installing, or [install the course]({up}index.md#two-commands).
```"""


class PagesError(Exception):
    """Ends the program with a sentence."""


# ---------------------------------------------------------------- running


def course():
    """A digest of all that a run depends on besides its notebook: the course, versions, where data come from."""
    parts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("course_utils/**/*.py"))]
    parts += [version(name) for name in ("torch", "matplotlib", "scikit-learn")]
    parts += [os.environ.get(name, "") for name in ("COURSE_DATA", "COURSE_OFFLINE")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def kept_runs(folder=RUNS):
    """The cache of runs in `folder`. It tells notebooks apart by their code and the metadata of their kernel."""
    cache = get_cache(folder)
    cache.change_cache_limit(100)  # the runs used last
    return cache


def run(path, cache):
    """Give the notebook at `path` the outputs of a run, of a kept one if there is one.

    Returns:
        (the notebook, True if it had to be run).

    Raises:
        PagesError: a cell failed.
    """
    notebook = player.recorded(nbformat.read(path, as_version=4))
    notebook.metadata.kernelspec["course"] = course()
    with contextlib.suppress(KeyError):
        return cache.merge_match_into_notebook(notebook)[1], False
    # In a folder of its own, where nobody's progress is noted. The times of cells would be taken for their metadata.
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        try:
            NotebookClient(notebook, kernel_name="python3", resources=resources, record_timing=False).execute()
        except CellExecutionError as error:
            raise PagesError(f"{path.name} failed, so there are no pages.\n{error}") from error
    cache.cache_notebook_bundle(CacheBundleIn(notebook, path), check_validity=False, overwrite=True)
    return notebook, True


def run_all(paths):
    """Run notebooks, two at a time: {path: notebook with outputs}. Prints which had to be run."""
    # Two torch processes that use all cores at once slow each other down manyfold.
    os.environ.update(COURSE_HEADLESS="1", COURSE_STRICT="1", COURSE_THREADS="1", OMP_NUM_THREADS="1")
    os.environ.pop("COURSE_PROGRESS", None)
    cache = kept_runs()
    with tempfile.TemporaryDirectory() as home:
        # The pages must not depend on the user's own Jupyter settings and kernels.
        os.environ.update(JUPYTER_DATA_DIR=home, JUPYTER_CONFIG_DIR=home, IPYTHONDIR=home)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            done = dict(zip(paths, pool.map(lambda path: run(path, cache), paths), strict=True))
    fresh = [path.stem for path, (_, was_run) in done.items() if was_run]
    print(f"Run: {', '.join(fresh)}." if fresh else "Nothing had to be run.", flush=True)
    return {path: notebook for path, (notebook, _) in done.items()}


# ---------------------------------------------------------------- what a page shows


def hide_machine(text):
    """`text` without the folders of the machine that made it."""
    data = os.environ.get("COURSE_DATA")
    folders = [(str(pathlib.Path(data).expanduser().absolute()), "the data folder")] if data else []
    folders += [(f"{ROOT}{os.sep}", ""), (str(ROOT), "."), (str(pathlib.Path.home()), "~")]
    for folder, name in folders:
        if folder != os.sep:
            text = text.replace(folder, name)
    return text


def picture_file(png, folder, up="", wide=None):
    """Write the bytes of a PNG under a name of its content, and return the attributes of its <img>.

    Args:
        up: the relative path from the page to the folder above `folder`, "../" for a page one folder down.
        wide: how many CSS pixels the picture is wide; by default as many as it has.
    """
    name = f"{hashlib.sha256(png).hexdigest()[:16]}.png"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(png)
    width, height = struct.unpack(">II", png[16:24])  # of the header, which always comes first
    wide = int(wide or width)
    return f'src="{up}{folder.name}/{name}" width="{wide}" height="{wide * height // width}" loading="lazy"'


def shown(output, folder, up=""):
    """An output as a page shows it: one form of it, its pictures as files in `folder`; `up` as in `picture_file`.

    Raises:
        PagesError: a picture has no text alternative.
    """
    if output.output_type == "stream":
        output.text = hide_machine(output.text)
    if output.output_type not in ("display_data", "execute_result"):
        return output
    data = output.data
    form = next((form for form in SHOWN if form in data), None)
    if "image/png" in data and form != "text/html":
        raise PagesError("A picture has no words for those who can't see it: return a Picture, or call panels.show.")
    text = PNG.sub(
        lambda found: picture_file(base64.b64decode(found[1]), folder, up, found[2]), hide_machine(data[form])
    )
    output.data = {form: text}
    return output


def lesson_page(notebook, was_run, folder, up=""):
    """Turn a lesson's notebook into its page: a note on top, no set-up cell for Colab, outputs as in `shown`.

    Its first knob can be turned there, see `player`; below the others it says where they can.
    """
    title = notebook.cells[0]
    badge = badges.ANY_BADGE.search(title.source)
    how = "it ran; its first knob turns here" if was_run else "it is written"
    colab = badge[0].rpartition("](")[2].rstrip(")")
    note = NOTE.format(how=how, colab=colab, up=up)
    title.source = f"{title.source[: badge.end()]}\n\n{note}\n{title.source[badge.end() :]}"
    notebook.cells = [cell for cell in notebook.cells if cell.id != form.COLAB]
    recording = player.taken_out(notebook)
    code = form.Reader()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        knobs = code.read(cell).knobs
        cell.outputs = [shown(output, folder, up) for output in cell.outputs]
        if recording and cell.id == player.OPENING:
            cell.outputs = [player.html_of(recording, lambda png: picture_file(png, folder, up), colab)]
        elif knobs and cell.outputs:
            cell.outputs.append(player.turns_elsewhere(colab))
    # `widgets` would make Sphinx fetch a front end for them; without a lexer code has no colours.
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    return notebook


def front_page(readme, repo, ref, names):
    """Markdown of index.md: the README, without its part for contributors, with the links of the site.

    Args:
        readme: its text.
        repo, ref: of the repository, for links to files that have no page.
        names: of the other pages, in order, "04_cnn", "deeper/04b_sizes" or "docs/glossary".

    Returns:
        (text, pictures): `pictures` are the paths of images that it shows.
    """
    pictures = []

    def site_link(found):
        target = found[1]
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        if target.endswith((".png", ".svg")):
            pictures.append(target)
            return found[0]
        if target.startswith(f"{catalog.FOLDER}/"):
            return f"]({target.removeprefix(f'{catalog.FOLDER}/')})"
        return f"](https://github.com/{repo}/blob/{ref}/{target})"

    text = LINK.sub(site_link, readme.partition("\n## Where things are\n")[0])
    # Its title is that of this page.
    entries = [f"00 · Start here <{name}>" if name.startswith("00_") else name for name in names]
    contents = "\n".join(["```{toctree}", ":hidden:", "", *entries, "```"])
    return f"{text}\n{contents}\n", pictures


# ---------------------------------------------------------------- the site


def write_if_changed(path, text):
    """Write a text to a file unless it is there already: Sphinx reads every file again whose date has changed."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def write_sources(source, folder, to_run):
    """Write what Sphinx reads into `source`, and the pictures of the outputs into `folder`."""
    paths = catalog.notebooks(ROOT)
    places = {path: catalog.place_of(path) for path in paths}
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    notebooks |= run_all([path for path in paths if to_run is None or path.stem in to_run])
    shutil.rmtree(folder, ignore_errors=True)
    for path, notebook in notebooks.items():
        up = "../" * places[path].count("/")
        page = lesson_page(notebook, to_run is None or path.stem in to_run, folder, up)
        write_if_changed(source / places[path], nbformat.writes(page))
    for name in ("images", "docs"):
        shutil.copytree(ROOT / catalog.FOLDER / name, source / name, dirs_exist_ok=True)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [place.removesuffix(".ipynb") for place in places.values()]
    names += [f"docs/{page.stem}" for page in sorted((ROOT / catalog.FOLDER / "docs").glob("*.md"))]
    text, pictures = front_page(readme, *badges.address(ROOT), names)
    write_if_changed(source / "index.md", text)
    for picture in pictures:
        (source / picture).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / picture, source / picture)


def build(site, to_run=None):
    """Make the pages in the folder `site`; only the lessons named in `to_run` are run, by default all.

    Raises:
        PagesError: a lesson failed, or Sphinx warned of something, such as a link that leads nowhere.
    """
    source, doctrees = (site.with_name(f"{site.name}-{part}") for part in ("source", "doctrees"))
    write_sources(source, site / "pictures", to_run)
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    settings = ["-c", str(ROOT / "docs" / "site"), "-d", str(doctrees)]
    if subprocess.run([*sphinx, *settings, str(source), str(site)]).returncode:
        raise PagesError("The pages are not in order, for the reasons above.")
    print(f"The pages are in {site}: open index.html there.")


def main():
    parser = argparse.ArgumentParser(description="Makes pages of the lessons; they can be read without a kernel.")
    parser.add_argument("--out", type=pathlib.Path, default=SITE, help="folder for them; default: build/site")
    parser.add_argument("--run", nargs="*", metavar="LESSON", help="run only these; the others' pages have no outputs")
    options = parser.parse_args()
    build(options.out.absolute(), options.run)


if __name__ == "__main__":
    try:
        main()
    except PagesError as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
