"""Bug clinic: networks from elsewhere, and shapes that fit by accident."""

import contextlib
import io
import sys
import tempfile
import warnings

import torch
from torch import nn
from torchvision import models

from course_utils.exercises.exercise import Exercise

# ── 6 ── an old argument that downloads

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


borrowed = Exercise(
    "clinic-6",
    "build",
    minutes=3,
    within=no_downloads,
    hints=(
        "Read the warning that it gives, down to the last line.",
        "`pretrained` is the old argument. The new one takes a name, or says that there is nothing to load.",
        "`weights=None` gives random weights and needs no network.",
    ),
    remember="`weights=None` is a network with random weights, `weights='DEFAULT'` one with the trained ones, which "
    "are downloaded the first time. `pretrained=` is gone from everything but old tutorials.",
)


@borrowed.probe
def look_at_build(build):
    wanted = torch.randint(3, 9, ()).item()
    # On the meta device tensors have shapes and no numbers: a ResNet costs nothing there.
    with warnings.catch_warnings(record=True) as caught, torch.device("meta"):
        warnings.simplefilter("always")
        with contextlib.suppress(DownloadRefusedError):  # the first thing that is looked at says so
            model = build(wanted)
    yield "the list [warnings, downloads asked for]", [len(caught), len(asked)]
    yield "`isinstance(build(…), nn.Module)`", isinstance(model, nn.Module)
    yield (
        f"the shape of the logits for 2 images and {wanted} classes",
        list(model(torch.empty(2, 3, 64, 64, device="meta")).shape),
    )
    yield "the number of parameters", sum(p.numel() for p in model.parameters())


@borrowed.broken("It still warns, and it still asks for a download.")
def downloads(classes):
    model = models.resnet18(pretrained=True)
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


@borrowed.solution
def random_weights(classes):
    model = models.resnet18(weights=None)
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


@borrowed.mistake(
    "No download any more, but it still warns: `pretrained` is the old argument, and it will go. Use `weights`."
)
def old_argument(classes):
    model = models.resnet18(pretrained=False)
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


@borrowed.mistake(
    "The new argument, and right where there is a network; but it asks for the trained weights. This time the network "
    "has to come without."
)
def new_argument_downloads(classes):
    model = models.resnet18(weights="DEFAULT")
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


@borrowed.mistake("The last layer is lost: it is still the one for the 1,000 classes of ImageNet.")
def thousand_classes(classes):
    return models.resnet18(weights=None)


# ── 9 ── a column against a row

compared = Exercise(
    "clinic-9",
    "squared_error",
    minutes=2,
    hints=(
        "Print the shape of `prediction - y`.",
        "Make both a row, or both a column.",
        "`prediction.squeeze(1)` is a row [B]; `y.view(-1, 1)` is a column [B, 1].",
    ),
    remember="`[B, 1] - [B]` is `[B, B]`: every prediction against every target, in silence. `nn.MSELoss` warns, a "
    "formula of your own does not.",
)


@compared.probe
def look_at_comparison(squared_error):
    X, y = torch.randn(7, 3), torch.randn(7)
    model = nn.Linear(3, 1)
    result = squared_error(model, X, y)
    yield "the loss", result
    yield "`loss.requires_grad`", result.requires_grad
    result.backward()
    yield "the gradient of the weights", model.weight.grad
    yield "the loss for a single example", squared_error(model, X[:1], y[:1])


@compared.broken("It still pulls every prediction to the mean of the targets.")
def each_with_each(model, X, y):
    prediction = model(X)  # [B, 1]
    return ((prediction - y) ** 2).mean()  # y: [B]


@compared.solution
def each_with_its_own(model, X, y):
    prediction = model(X).squeeze(1)  # [B, 1] -> [B]
    return ((prediction - y) ** 2).mean()  # y: [B]


@compared.mistake(
    "The shapes are right, but you add up the squares: take their mean, or the loss grows with the batch."
)
def takes_the_sum(model, X, y):
    prediction = model(X).squeeze(1)
    return ((prediction - y) ** 2).sum()


@compared.mistake("You square the mean error. Errors of different sign cancel; square first, then take the mean.")
def squares_the_mean(model, X, y):
    prediction = model(X).squeeze(1)
    return (prediction - y).mean() ** 2


@compared.mistake("You compare one single prediction, the first, with all targets: `[0]` takes a row, not the column.")
def takes_the_first_row(model, X, y):
    prediction = model(X)[0]
    return ((prediction - y) ** 2).mean()


# ── 12 ── the batch read as time

sequence = Exercise(
    "clinic-12",
    "read",
    minutes=5,
    hints=(
        "Read the same image alone and in a batch: `read(rnn, maps[1:2])` and `read(rnn, maps)[1:2]`. Equal?",
        "What does `nn.RNN` take a tensor of *two* dimensions for?",
        "For one sequence [time, features]. A batch has three: [B, time, features]. Here each image is one step.",
    ),
    remember="`nn.RNN` takes two dimensions for one sequence, [time, features]: the images of a batch become moments, "
    "and each hears of those before it. Give it three dimensions.",
)


@sequence.probe
def look_at_reading(read):
    maps = torch.randn(5, 2, 3, 3)
    rnn = nn.RNN(18, 4, batch_first=True)
    yield "the result for 5 images", read(rnn, maps)
    yield "the result for a single image", read(rnn, maps[3:4])


@sequence.broken("The result for an image still changes with the images in front of it.")
def batch_as_time(rnn, maps):
    X = maps.view(maps.size(0), -1)  # [B, C, H, W] -> [B, C*H*W]
    states, _ = rnn(X)
    return states  # [B, hidden]


@sequence.solution
def one_step_each(rnn, maps):
    X = maps.view(maps.size(0), 1, -1)  # -> [B, 1 step, C*H*W]
    states, _ = rnn(X)  # [B, 1, hidden]
    return states[:, -1]  # [B, hidden]


@sequence.mistake(
    "Read rightly; but the result still has the dimension of time, of length 1. Take the last step: `[:, -1]`."
)
def keeps_the_time(rnn, maps):
    states, _ = rnn(maps.view(maps.size(0), 1, -1))
    return states


@sequence.mistake(
    "Read rightly; but the last state has a dimension for the RNN's layers in front, [1, B, hidden]. Take `last[-1]`."
)
def keeps_the_layers(rnn, maps):
    _, last = rnn(maps.view(maps.size(0), 1, -1))
    return last


@sequence.mistake(
    "`unsqueeze(0)` puts the new dimension in front: with `batch_first=True` that is a batch of one, whose time is "
    "your batch. The dimension of time comes second: `unsqueeze(1)`."
)
def unsqueezes_in_front(rnn, maps):
    states, _ = rnn(maps.view(maps.size(0), -1).unsqueeze(0))
    return states


EXERCISES = (borrowed, compared, sequence)
