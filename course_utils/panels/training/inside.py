"""Inside a network: what each layer makes of one example, and the first weights, while it trains."""

import copy
import math
import pathlib
import time

import anywidget
import ipywidgets as widgets
import torch
import traitlets

from course_utils import runtime
from course_utils.data import gate
from course_utils.panels.base.guard import sentence_of
from course_utils.panels.controls.controls import Slider
from course_utils.panels.controls.parts import dropdown
from course_utils.panels.training import layout
from course_utils.training import look, steps

SHARE = 0.03  # of the training time, at most, goes into these pictures
MOST = 64  # maps of a layer that are shown
WIDEST = 64  # cells of a map, each way
_HERE = pathlib.Path(__file__).parent


class InsideView(anywidget.AnyWidget):
    """Pictures made of squares, drawn in the front end.

    Attributes:
        pictures: each with its title and sentence; maps uint8 as bytes, in an order that `shape` [n, height, width, 1
            or 3] tells; signed: True if 128 stands for 0, and colours for the sign.
        error: what went wrong.
    """

    _esm = (_HERE / "inside.js").read_text(encoding="utf-8")  # texts, as in `PictureView`
    _css = (_HERE / "inside.css").read_text(encoding="utf-8")
    pictures = traitlets.List().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)


class Inside:
    """The view behind *Look inside* of a TrainingPanel; while it is closed it costs nothing.

    It looks at a copy of the network in evaluation mode, so that neither the run nor its random numbers notice.

    Attributes:
        widget: all of it; it is closed while its `layout.display` is "none".
        layer, example: its controls; None before it was opened.
        view: the `InsideView`.
    """

    def __init__(self, panel):
        self._panel = panel
        self.view = InsideView()
        self.layer = self.example = None
        self._offering = False  # while the controls are brought up to date
        self.widget = widgets.VBox([self.view], layout={"display": "none"})
        self.widget.layout.observe(lambda change: self._turned(), "display")
        self._next = 0.0

    @property
    def closed(self):
        return self.widget.layout.display == "none"

    def look(self, now=False):
        """Show the run as it is, if somebody looks; between two pieces of training only once it may cost time again."""
        start = time.perf_counter()
        if self.closed or not (now or start >= self._next):
            return
        try:
            self.view.pictures, self.view.error = self._pictures(self._panel.run), ""
        except Exception as error:  # the learner's model may raise anything; a look must not end its training
            self.view.error = sentence_of(error)
        end = time.perf_counter()
        self._next = end + (end - start) / SHARE

    def _turned(self):
        """Somebody opened it, or chose: the thread that trains looks next, or nobody trains."""
        self._next = 0.0
        if not (self._offering or self._panel.playing):
            self.look(now=True)

    def _pictures(self, run):
        count = len(run.held_out) if hasattr(run.held_out, "__len__") else 0
        if not count:
            return [_told("There is no held-out example to look at."), _weights(run.model, torch.empty(0))]
        place = self.example.value if self.example else 0
        X, y = map(torch.as_tensor, runtime.on_trial(lambda: run.held_out[place]))
        X, _ = steps.ready((X[None], y[None]), *steps.home_of(run.model))
        found, answer = outputs(run.model, X)
        self._offer(list(found), count)
        sentence = f"{_example(run, place, count, y)} {_answered(run, answer)}".rstrip()
        pictures = [_picture("input", X, sentence, photo=True), _weights(run.model, X[0])]
        if not found:
            return [*pictures, _told("This network has no layer that gives a tensor, so none can be shown.")]
        name = self.layer.value
        return [pictures[0], _picture(name, found[name], _numbers(found[name])), pictures[1]]

    def _offer(self, names, count):
        """Make the controls for these layers and so many images, or bring them up to date."""
        names = names or ["none"]
        if self.layer is None:
            self.layer, self.example = dropdown(names, "layer"), Slider(0, max(1, count - 1), 0, label="example")
            self.layer.value = next((name for name in names if "Flatten" not in name), names[0])
            for control in (self.layer, self.example):
                control.observe(lambda change: self._turned(), "value")
            self.widget.children = (layout.grid([self.layer, self.example]), self.view)
        elif list(self.layer.options) != [(name, name) for name in names]:
            kept, self._offering = self.layer.value, True
            self.layer.options = [(name, name) for name in names]
            self.layer.value = kept if kept in names else names[0]
            self._offering = False


def outputs(model, X):
    """What each layer of `model` gives for inputs X [1, …], which leaves model and random numbers as they are.

    Returns:
        ({name of the layer and its class: output [1, …]} in the order they are called, the model's own output).
    """
    kept = [value for module in model.modules() for value in vars(module).values() if torch.is_tensor(value)]
    twin = copy.deepcopy(model, {id(value): value.detach() for value in kept})  # results that modules keep
    found = {}

    def noting(name):
        def note(module, inputs, output):
            first = output[0] if isinstance(output, tuple | list) and output else output
            if torch.is_tensor(first):
                found[name] = first.detach()

        return note

    for name, module in twin.named_modules():
        if not any(module.children()):
            module.register_forward_hook(noting(f"{name} {type(module).__name__}".strip()))
    with look.evaluating(twin), torch.no_grad():
        answer = runtime.on_trial(lambda: twin(X))
    return found, answer


def _weights(model, example):
    """The picture of the first weights: as images where each neuron looks at a whole image, else as they lie."""
    named = next(((name, p) for name, p in model.named_parameters() if p.dim() > 1), None)
    if named is None:
        return _told("This network has no weights in rows and columns: there are none to look at.")
    name, weight = named[0], named[1].detach()
    if weight.dim() == 2 and example.dim() == 3 and weight.shape[1] == example.numel():
        weight = weight.unflatten(1, example.shape).mean(1)
    elif weight.dim() > 3:
        weight = weight.flatten(1, -3).mean(1)
    maps = weight if weight.dim() == 3 else weight[None]
    return _picture(name, maps, _numbers(weight))


def _picture(title, values, sentence, photo=False):
    """Values [1, n] as squares, [1, …, height, width] or [n, height, width] as maps; a photo of three as colours."""
    values = values.detach().float().cpu()
    if photo and values.dim() == 4 and values.shape[1] == 3:
        maps = values.permute(0, 2, 3, 1)
    elif values.dim() <= 2:
        maps = values.reshape(-1, 1, 1, 1)
    else:
        maps = values.reshape(-1, *values.shape[-2:], 1)
    most = 1024 if maps.shape[1:3] == (1, 1) else MOST
    maps = maps[:most, :: math.ceil(maps.shape[1] / WIDEST), :: math.ceil(maps.shape[2] / WIDEST)].nan_to_num(0, 0, 0)
    signed = bool((maps < 0).any()) and not photo
    greatest = maps.abs().max().clamp(min=1e-12)
    scaled = (
        128 + 127 * maps / greatest if signed else 255 * (maps - maps.min()) / (maps.max() - maps.min()).clamp(1e-12)
    )
    sentence += " Orange is above 0, blue below." if signed else ""
    return {
        "title": title, "sentence": sentence, "shape": list(maps.shape), "signed": signed,
        "maps": scaled.round().to(torch.uint8).contiguous().numpy().tobytes(),
    }  # fmt: skip


def _told(sentence):
    return {"title": "", "sentence": sentence, "shape": [0, 0, 0, 1], "signed": False, "maps": b""}


def _numbers(values):
    sizes = list(values.shape[1:] if len(values) == 1 else values.shape)
    size = " × ".join(map(str, sizes)) or "1"
    zeros = (values == 0).float().mean().item()
    text = f"{size} numbers, from {values.min().item():.2g} to {values.max().item():.2g}"
    return f"{text}; {zeros:.0%} of them are 0.".replace("%", " %") if zeros else f"{text}."


def _example(run, place, count, y):
    classes = gate.classes_of(run.train)
    label = torch.as_tensor(y)
    known = classes and not label.is_floating_point() and label.dim() == 0
    return f"Held-out example {place}, of 0 to {count - 1:,}" + (f": labelled {classes[int(label)]}." if known else ".")


def _answered(run, answer):
    if not torch.is_tensor(answer) or answer.dim() != 2 or answer.shape[1] < 2 or not run.history.has_accuracy:
        return ""
    classes, best = gate.classes_of(run.train), answer.argmax(1).item()
    return f"The network says {classes[best] if classes and best < len(classes) else best}."
