"""What VS Code and Colab ask of a panel, checked without either.

VS Code's Jupyter extension brings `@jupyter-widgets/base` and `controls` along, for ipywidgets 7 and 8. Any other
module it loads by name: from jsdelivr or unpkg, once the reader has agreed, else from `nbextensions` in the
environment of a local kernel. Outputs live in a page of their own, which has no Jupyter server, no JupyterLab and no
commands.

Colab renders ipywidgets' own widgets only, until `enable_custom_widget_manager` is called (anywidget does so by
itself); from then on a hook marks what is sent by `display`. The value of a cell goes another way, and past the hook.
"""

import pathlib
import re

import nbformat
import pytest
from jupyter_core.paths import jupyter_path
from nbclient import NotebookClient

import course_utils
from course_utils import catalog, models
from course_utils.panels import DrawPad, Explorer, LogSlider, SignPad, TrainingPanel, ask
from course_utils.panels.base.panel import family
from course_utils.plots.training import gradient_sizes

ROOT = pathlib.Path(__file__).resolve().parents[3]
COURSE = pathlib.Path(course_utils.__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"
BRINGS_ALONG = {"@jupyter-widgets/base", "@jupyter-widgets/controls"}
RENDERS = {"text/plain", "text/html", "image/png", WIDGET}

# A stand-in for the part of google.colab that decides which widgets are rendered.
COLAB = f"""
import sys, types
from IPython import get_ipython

output = sys.modules["google.colab.output"] = types.ModuleType("google.colab.output")
output._widgets = types.SimpleNamespace(_installed_url=None)

def mark(message):
    if "{WIDGET}" in message["content"].get("data", {{}}):
        manager = {{"url": output._widgets._installed_url}}
        message["content"]["metadata"]["{WIDGET}"] = {{"colab": {{"custom_widget_manager": manager}}}}
    return message

def enable_custom_widget_manager():
    output._widgets._installed_url = "https://colab/manager.js"
    get_ipython().display_pub.register_hook(mark)

output.enable_custom_widget_manager = enable_custom_widget_manager
"""
CELLS = {
    "setup": "import course_utils as cu\nfrom course_utils import models, plots, panels, runtime\ncu.setup(lesson=2)",
    "training": "panels.TrainingPanel(data='digits', epochs=1)",
    "explorer": "panels.Explorer(lambda axes, x: 'Nothing.', x=[1, 2])",
    "explorer shown": "panels.show(panels.Explorer(lambda axes, x: 'Nothing.', x=[1, 2]))",
    "pad": "panels.DrawPad(models.mlp())",
    "signs": "panels.SignPad(classes=['arrow'], file='never_written.npz')",
    "ask": "guess = panels.ask('which', 'Which?', ['one', 'two'])",
    "outcome": "guess.reveal('two', of='which')",
    "picture": "plots.curves({'loss': [3, 1]}, 'epoch', 'loss', 'It falls.')",
    "progress": "runtime.BAR_DELAY = 0\nwith runtime.progress_bar(1, 'work') as bar: bar.update(1)",
}


@pytest.fixture(scope="module")
def outputs():
    """What each of CELLS sends to the front end when it is run on (nearly) Colab: name -> outputs with data."""
    cells = [nbformat.v4.new_code_cell(source) for source in (COLAB, *CELLS.values())]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": ROOT}}).execute()
    return {
        name: [output for output in cell.outputs if output.output_type != "stream"]
        for name, cell in zip(CELLS, notebook.cells[1:], strict=True)
    }


@pytest.mark.process
@pytest.mark.parametrize("name", [name for name in CELLS if name != "setup"])
def test_what_is_sent_is_rendered_everywhere(outputs, name):
    for output in outputs[name]:
        assert set(output.data) <= RENDERS
        assert {"text/plain"} < set(output.data)  # a viewer that knows no more has words, and most have more
        html = output.data.get("text/html", "")
        assert not re.search(r"<script|<iframe|javascript:|\son\w+=", html)
    assert outputs[name]


@pytest.mark.process
@pytest.mark.parametrize("name", ["training", "explorer", "explorer shown", "pad", "signs"])
def test_colab_is_told_to_render_the_panels_own_widgets(outputs, name):
    (output,) = outputs[name]
    assert output.metadata[WIDGET]["colab"]["custom_widget_manager"]["url"] == "https://colab/manager.js"


PANELS = {
    "training": lambda: TrainingPanel(data="digits", epochs=1, view=gradient_sizes).widget,
    "explorer": lambda: (
        Explorer(
            lambda axes, **values: "Nothing.", a=LogSlider(0.1, 1), b=(1, 3), c=(0.0, 1.0), d=True, e=["x"], more=["e"]
        ).widget
    ),
    "pad": lambda: DrawPad(models.mlp()).widget,
    "signs": lambda: SignPad(classes=["arrow"], file="never_written.npz").widget,
    "ask": lambda: ask("which", "Which?", ["one", "two"]).widget,
}


@pytest.mark.parametrize("name", PANELS)
def test_widgets_are_ipywidgets_own_or_anywidgets(name):
    widgets = family(PANELS[name]())
    modules = {module for one in widgets for module in (one._model_module, one._view_module) if module}
    assert modules <= BRINGS_ALONG | {"anywidget"}
    assert any("Layout" in one._model_name for one in widgets)  # the walk reaches what hangs on a widget


def test_vs_code_finds_anywidget_without_a_network():
    """The names it looks for, and the one entry it reads."""
    folders = [pathlib.Path(path, "anywidget") for path in jupyter_path("nbextensions")]
    folder = next(folder for folder in folders if (folder / "extension.js").is_file())
    assert (folder / "index.js").is_file()
    entry = (folder / "extension.js").read_text()
    assert re.search(
        r"requirejs\??\.config\(\{\s*map:\s*\{\s*\"\*\":\s*\{\s*anywidget: \"nbextensions/anywidget/index\"", entry
    )


# Names of a page with Jupyter in it, and ways out of the page.
OUT_OF_REACH = re.compile(
    r"\b(require|requirejs|define|Jupyter|IPython|jupyterapp|jupyterlab|google|colab|acquireVsCodeApi|widget_manager|comm"
    r"|fetch|XMLHttpRequest|WebSocket|EventSource|import|eval|localStorage|sessionStorage|cookie|location)\b"
    r"|window\.(top|parent|opener)\b"
)


def code_of(script):
    """JavaScript without its comments and texts."""
    return re.sub(r"//.*|/\*[\s\S]*?\*/|\"[^\"\n]*\"|'[^'\n]*'", "", script)


@pytest.mark.parametrize("path", sorted(COURSE.glob("**/*.js")), ids=lambda path: path.name)
def test_javascript_needs_nothing_but_a_page(path):
    assert OUT_OF_REACH.findall(code_of(path.read_text(encoding="utf-8"))) == []


# Commands to one front end, comms of one's own, and what only some front ends run.
FOR_ONE_FRONT_END = re.compile(
    r"\bJavascript\b|application/javascript|<script(?! type=.application/json)|\bComm\(|comm_manager|jupyterapp|ipylab"
    r"|%%javascript|%%html|%%js|%matplotlib (widget|notebook|ipympl)"
    r"|widgets\.Output\b|\binteract(ive|_manual|ive_output)?\("
)


@pytest.mark.parametrize("path", sorted(COURSE.glob("**/*.py")), ids=lambda path: path.name)
def test_python_sends_nothing_that_one_front_end_alone_understands(path):
    assert FOR_ONE_FRONT_END.search(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("path", catalog.notebooks(), ids=lambda path: path.stem)
def test_cells_send_nothing_that_one_front_end_alone_understands(path):
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.id for cell in cells if cell.cell_type == "code" and FOR_ONE_FRONT_END.search(cell.source)] == []
