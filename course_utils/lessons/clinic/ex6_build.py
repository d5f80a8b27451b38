"""clinic-6: an old argument that downloads."""

import contextlib
import io
import sys
import tempfile
import warnings

import torch
from torch import nn
from torchvision import models

from course_utils.exercises.exercise import Exercise

asked = []


class DownloadRefusedError(ConnectionError):
    """The answer wanted to download something."""


class WithoutNews(io.TextIOBase):
    """A stream that passes on all but torch's news that it downloads something."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        return len(text) if text.startswith("Downloading: ") else self._stream.write(text)


@contextlib.contextmanager
def no_downloads():
    """Inside, torch finds no downloaded weights, and whoever wants some gets an error; `asked` lists the addresses."""

    def refuse(url, *arguments, **options):
        asked.append(url)
        raise DownloadRefusedError(f"the check downloads nothing, and {url} was asked for")

    folder, download = torch.hub.get_dir(), torch.hub.download_url_to_file
    asked.clear()
    with tempfile.TemporaryDirectory() as empty, contextlib.redirect_stdout(WithoutNews(sys.stdout)):
        torch.hub.set_dir(empty)
        torch.hub.download_url_to_file = refuse
        try:
            yield
        finally:
            torch.hub.download_url_to_file = download
            torch.hub.set_dir(folder)


exercise = Exercise(
    "build",
    kind="repair",
    title="Found in an old tutorial",
    minutes=3,
    text="It warns twice, then downloads 45 MB; offline it stops with an error. What you want is the *architecture*, "
    "with random weights and a last layer for your number of classes: no warning, no download.",
    hints=(
        "Read the warning that it gives, down to the last line.",
        "`pretrained` is the old argument. The new one takes a name, or says that there is nothing to load.",
        "`weights=None` gives random weights and needs no network.",
    ),
    remember="`weights=None` is a network with random weights, `weights='DEFAULT'` one with the trained ones, which "
    "are downloaded the first time. `pretrained=` is gone from everything but old tutorials.",
    within=no_downloads,
)


@exercise.probe
def probe(build, draw):
    wanted, n, side = draw.number(3, 9), draw.size(2), draw.size(64)
    # On the meta device tensors have shapes and no numbers: a ResNet costs nothing there.
    with warnings.catch_warnings(record=True) as caught, torch.device("meta"):
        warnings.simplefilter("always")  # same: the sandbox asks for all of them, too
        with contextlib.suppress(DownloadRefusedError):  # the first thing that is looked at says so
            model = build(wanted)
    yield "the list [warnings, downloads asked for]", [len(caught), len(asked)]
    yield "what `build` returns", "a module" if isinstance(model, nn.Module) else model
    linear = []
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(lambda layer, given, answer: linear.append(answer))
    logits = model(torch.empty(n, 3, side, side, device="meta"))
    yield f"the shape of the logits for {n} images and {wanted} classes", list(logits.shape)
    plain = any(logits is answer for answer in linear)
    yield "whether the network returns what a linear layer computes", "yes" if plain else "no"
    yield "the number of parameters", sum(p.numel() for p in model.parameters())


@exercise.solution
def solution(classes):
    model = models.resnet18(weights=None)
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


exercise.broken("weights=None", "pretrained=True").says("It still warns, and it still asks for a download.")
exercise.edit("old_argument", "weights=None", "pretrained=False").says(
    "No download any more, but it still warns: `pretrained` is the old argument, and it will go. Use `weights`."
)
exercise.edit("new_argument_downloads", "None", '"DEFAULT"').says(
    "No warning any more, but it still asks for the trained weights. This time the network has to come without."
)
exercise.edit("thousand_classes", "    model.fc = nn.Linear(model.fc.in_features, classes)\n", "").says(
    "The last layer is still the one for the 1,000 classes of ImageNet. A ResNet calls it `fc`: a layer under another "
    "name would stand beside it, and never be asked."
)
