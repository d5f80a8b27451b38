"""Draw something and see what a network makes of it."""

import pathlib

import anywidget
import ipywidgets as widgets
import torch
import traitlets

from course_utils import checks, plots, runtime
from course_utils.data import DIGIT_NAMES
from course_utils.panels.base.panel import Panel
from course_utils.panels.base.side_picture import SidePicture
from course_utils.panels.draw_pad import strokes
from course_utils.training import look, steps

_HERE = pathlib.Path(__file__).parent
SURFACE, CSS = ((_HERE / name).read_text(encoding="utf-8") for name in ("surface.js", "draw_pad.css"))
SEVEN = [[[85, 75], [195, 75], [130, 215]]]  # the drawing to show where nobody can draw


class _PadView(anywidget.AnyWidget):
    _esm = SURFACE + (_HERE / "draw_pad.js").read_text(encoding="utf-8")  # texts, as in `PictureView`
    _css = CSS
    side = traitlets.Int(strokes.SIDE).tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    classes = traitlets.List().tag(sync=True)
    probabilities = traitlets.List().tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def set_state(self, sync_data):
        """Take what the page sends; strokes that can't be drawn are refused before ipywidgets goes through them."""
        try:
            strokes.check(sync_data.get("strokes", []))
        except (TypeError, ValueError) as error:
            self.error = str(error)
            sync_data = {name: value for name, value in sync_data.items() if name != "strokes"}
        super().set_state(sync_data)


class DrawPad(Panel):
    """A pad for mouse, pen, finger or arrow keys; the model's probabilities move with the drawing.

    Attributes:
        strokes: lists of points [x, y] in 0..280; setting them does what drawing does.
        image: what the model sees, float32 [1, 1, size, size].
        probabilities: of the classes, floats that add up to 1; [] while nothing is drawn.
        side: the `SidePicture` of `view`, or None.
    """

    def __init__(
        self,
        model,
        size=28,
        normalize=None,
        classes=DIGIT_NAMES,
        view=None,
        prompt="Draw a digit.",
        example=None,
    ):
        """Show an empty pad.

        Args:
            model: maps images [1, 1, size, size] to logits [1, classes]: an `nn.Module` or any function, called
                anew for each drawing, so `lambda X: panel.run.model(X)` follows a model that trains.
            size: of the images, in pixels.
            normalize: None, or `(mean, std)` if the model was trained on normalized images, as in `data.mnist`.
            classes: names of the classes.
            view: None, or a second picture beside the pad: `view(axes, image)` draws what it likes of the image,
                all 0 while nothing is drawn, and returns the sentence that says what to see.
            prompt: the sentence while nothing is drawn.
            example: what is shown where nobody can draw: float32 [1, 1, size, size] in 0..1, or None for a drawn 7.

        Raises:
            TypeError, ValueError: `model` can't be called; `size`, `normalize`, `classes`, `prompt` or `example` is
                none.
        """
        super().__init__()
        if not callable(model):
            raise TypeError(f"model is a {type(model).__name__}: it must map images to logits.")
        if isinstance(model, type):
            look.at_model(model)
        self._model = model
        self._size = checks.whole("size", size, least=8)
        self._normalize = None if normalize is None else checks.mean_and_std("normalize", normalize)
        if not hasattr(classes, "__iter__"):
            raise TypeError(f"classes is {classes!r}: it must hold the names of the classes.")
        if len(classes := list(classes)) < 2:
            raise ValueError(f"classes is {classes!r}: it must hold at least two names.")
        if not isinstance(prompt, str):
            raise TypeError(f"prompt is {prompt!r}: it must be a sentence.")
        shape = [1, 1, size, size]
        if example is not None and (not torch.is_tensor(example) or list(example.shape) != shape):
            given = list(example.shape) if torch.is_tensor(example) else type(example).__name__
            raise ValueError(f"example is {given}: it must be an image, a tensor {shape}, or None.")
        self._prompt, self._example = prompt, example
        self.main = _PadView(classes=[str(name) for name in classes], sentence=prompt)
        self._view = view
        if view is None:
            self.widget, self.side = self.main, None
        else:
            self.side = SidePicture(view, self.errors)
            row = widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 16px")
            self.widget = widgets.HBox([self.main, self.side.widget], layout=row)
            self.side.update(self.image, now=True)
        self.main.observe(self._answer, "strokes")

    @property
    def strokes(self):
        return self.main.strokes

    @strokes.setter
    def strokes(self, strokes):
        self.main.strokes = strokes

    @property
    def image(self):
        return self._image_of(self.strokes)

    @property
    def probabilities(self):
        return self.main.probabilities

    def undo(self):
        """Take back the last stroke."""
        self.strokes = self.strokes[:-1]

    def clear(self):
        """Take back everything."""
        self.strokes = []

    def picture(self):
        image = self._image_of(self.strokes or SEVEN) if self.strokes or self._example is None else self._example
        probabilities = self._classify(image)
        columns = 2 if self._view is None else 3
        figure, (left, right, *beside) = plots.new_figure(columns=columns, width=3.2, height=3)
        left.imshow(image[0, 0].numpy(), cmap="gray")
        left.axis("off")
        right.barh(self.main.classes, probabilities, color=plots.BLUE)
        right.invert_yaxis()
        right.set(xlabel="probability", ylabel="class", xlim=(0, 1))
        told = [self._view(ax, image) for ax in beside]
        return plots.Picture(figure, " ".join([self._sentence(probabilities), *told]))

    def _answer(self, change):
        with self._guard():
            image = self.image
            if not self.strokes:
                probabilities, sentence = [], self._prompt
            else:
                probabilities = self._classify(image)
                sentence = self._sentence(probabilities)
            with self.main.hold_sync():
                self.main.probabilities, self.main.sentence = probabilities, sentence
            if self.side:
                self.side.update(image, now=True)

    def _image_of(self, drawn):
        with runtime.plain_defaults():
            return strokes.image_of(drawn, self._size)

    @torch.no_grad()
    def _classify(self, image):
        if self._normalize:
            mean, std = self._normalize
            image = (image - mean) / std
        model = self._model
        if isinstance(model, torch.nn.Module):
            with look.evaluating(model):
                logits = look.at_outputs(model(image.to(*steps.home_of(model))))
        else:
            logits = look.at_outputs(model(image))
        if logits.shape != (1, len(self.main.classes)):
            raise ValueError(
                f"the model returned {list(logits.shape)}: it must be [1, {len(self.main.classes)}], a logit a class."
            )
        if not logits.isfinite().all():
            raise ValueError("the model's outputs are NaN or infinite: its training has diverged, perhaps.")
        return logits.softmax(dim=1)[0].tolist()

    def _sentence(self, probabilities):
        first, second = sorted(zip(probabilities, self.main.classes, strict=True), reverse=True)[:2]
        return f"Most likely {first[1]} ({100 * first[0]:.0f} %), then {second[1]} ({100 * second[0]:.0f} %)."
