"""The first knob of a page, which turns without a kernel: its pictures are recorded while the lesson is run.

The page holds what there is to turn and which picture and sentence belong to each position; docs/site/static/player.js
makes controls of it, the browser's own.
"""

import base64
import html
import json
import re

import nbformat

OPENING = "opening"  # the id of the cell with a notebook's first knob
RECORDING = "recording"
MIME = "application/vnd.gradient-steps.recording+json"
CODE = f"""\
from IPython.display import display
from course_utils import panels
from course_utils.panels.recording import record
display({{"{MIME}": record(panels.live[-1])}}, raw=True)"""


def recorded(notebook):
    """`notebook` with a cell more, below its first knob, which records it. A notebook without one stays as it is."""
    place = next((place for place, cell in enumerate(notebook.cells) if cell.id == OPENING), None)
    if place is not None:
        notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(CODE, id=RECORDING))
    return notebook


def taken_out(notebook):
    """Remove the cell that `recorded` has put in. Returns what it has recorded, or None."""
    cell = next((cell for cell in notebook.cells if cell.id == RECORDING), None)
    if cell is None:
        return None
    notebook.cells.remove(cell)
    return next((output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})), None)


def html_of(recording, picture_file, colab):
    """The output that shows a recording.

    Args:
        recording: as `record` returns it.
        picture_file: function that writes the bytes of a PNG into a file and returns the attributes of its <img>.
        colab: the address of the page's notebook.
    """
    images = [picture_file(base64.b64decode(picture)) for picture in recording["pictures"]]
    start = 0
    for control in recording["controls"]:
        start = start * len(control["stops"]) + control["start"]
    picture, sentence = recording["shown"][start]
    told = html.escape(recording["sentences"][sentence])
    known = {
        "controls": recording["controls"],
        "pictures": [re.search('src="(.*?)"', image)[1] for image in images],
        "sentences": recording["sentences"],
        "shown": recording["shown"],
    }
    data = json.dumps(known, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
    page = (
        f'<figure class="player" style="margin:0"><img alt="{told}" {images[picture].replace("lazy", "eager")}>'
        f'<figcaption>{told}</figcaption><script type="application/json">{data}</script></figure>'
    )
    left = " and ".join(recording["left"])
    return _output(page + (_elsewhere(f"{left[0].upper()}{left[1:]} can be turned", colab) if left else ""))


def turns_elsewhere(colab):
    """The output below a knob that is one picture on the page; `colab` is the address of its notebook."""
    return _output(_elsewhere("You can turn it", colab))


def _elsewhere(what, colab):
    return f'<p class="turns">{html.escape(what)} in JupyterLab or in <a href="{html.escape(colab)}">Colab</a>.</p>'


def _output(page):
    return nbformat.v4.new_output("display_data", {"text/html": page})
