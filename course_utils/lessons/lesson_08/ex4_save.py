"""08-4: a network that comes back from its file alone."""

import os
import tempfile

import numpy  # noqa: F401 - a mistake below saves its array
import torch
from torch import nn

from course_utils.exercises.exercise import Exercise

exercise = Exercise(
    "save",
    kind="write",
    title="From the file alone",
    minutes=8,
    text="""Lesson 08 saved a network of a known size. Here the size has to travel, too.

`save(model, classes, path)` writes a file. Somebody else has `built` and this file, and nothing of your
notebook; these lines have to give them your network:

```python
def built(hidden, outputs):
    first, last = nn.Linear(784, hidden), nn.Linear(hidden, outputs)
    return nn.Sequential(nn.Flatten(), first, nn.BatchNorm1d(hidden), nn.ReLU(), last)


kept = torch.load(path, weights_only=True)
fresh = built(kept["hidden"], len(kept["classes"]))
fresh.load_state_dict(kept["state"])
fresh.eval()
```

`model` was made by `built`, for some `hidden`; `classes` is a list of names, `path` a text. `BatchNorm1d` is a layer
that collects running averages while it trains; after `eval()` it computes with these (04c).""",
    hints=(
        "Which three keys do these lines read? `torch.save(a dictionary, path)` writes them.",
        "`weights_only=True` reads tensors, numbers, texts, lists and dictionaries: no network, and no NumPy array.",
        "The number of hidden neurons stands in the network: `model[1].out_features`.",
    ),
    remember="A state_dict holds numbers, and not how the network is built. Whatever a stranger needs to build it "
    "belongs into the same file, and so do the names of the classes.",
)


def built(hidden, outputs, features=784):
    """As in the text."""
    first, last = nn.Linear(features, hidden), nn.Linear(hidden, outputs)
    return nn.Sequential(nn.Flatten(), first, nn.BatchNorm1d(hidden), nn.ReLU(), last)


@exercise.probe
def probe(save, draw):
    names = ["arrow", "house", "spiral", "star", "heart", "moon", "tree", "wave", "knot"][: draw.size(3)]
    X, hidden = draw.rand(draw.size(5), 1, 28, 28), draw.size(7)
    model = draw.network(lambda: built(hidden, len(names)))
    model(X)  # its averages have moved
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "signs.pt")
        save(model, names, path)
        yield "the list of files that were written", sorted(os.listdir(folder))
        yield "the list of what `weights_only=True` refuses to read", refused(path)
        kept = torch.load(path, weights_only=True)
    missing = [key for key in ("hidden", "classes", "state") if key not in kept]
    yield "what is missing in the file", ", ".join(missing) or "nothing"
    yield 'the `"hidden"` in the file', kept["hidden"]
    yield 'the `"classes"` in the file', kept["classes"]
    fresh = built(kept["hidden"], len(kept["classes"]))
    lost = [name for name in fresh.state_dict() if name not in kept["state"]]
    yield 'what is missing in its `"state"`', ", ".join(lost) or "nothing"
    fresh.load_state_dict(kept["state"])
    yield "what the freshly built network answers", fresh.eval()(X).detach()


def refused(path):
    """The names of the classes whose objects torch.load(weights_only=True) doesn't take, for example "Sequential"."""
    found = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    return sorted(name.rpartition(".")[2] for name in found)


@exercise.solution
def solution(model, classes, path):
    kept = {
        "hidden": model[1].out_features,
        "classes": classes,
        "state": model.state_dict(),
    }
    torch.save(kept, path)


exercise.starter("raise NotImplementedError  # all that these lines read")
exercise.edit("keeps_the_network", "kept, path", "model, path").says(
    "The file holds the network itself, an object of Python classes. `weights_only=True` refuses it: reading it would "
    "run code, and it breaks when the class changes. Save its `state_dict()`."
)
exercise.edit("keeps_arrays", '"classes": classes', '"classes": numpy.array(classes)').says(
    "Something in the file is a NumPy array, which `weights_only=True` refuses to read. Save the names as a list of "
    "texts, and the state as the tensors that it holds."
)
exercise.edit("keeps_the_state_alone", "kept, path", 'kept["state"], path').says(
    "The file is the state_dict, and nothing else. Nobody knows from it how to build the network, nor what its outputs "
    "are called: save a dictionary with all three keys."
)
exercise.edit("forgets_hidden", '        "hidden": model[1].out_features,\n', "").says(
    "How many hidden neurons the network has does not stand in the file, and `built` needs it."
)
exercise.edit("forgets_the_classes", '        "classes": classes,\n', "").says(
    "The names of the classes are missing: output 2 may mean anything."
)
exercise.edit("keeps_their_number", '"classes": classes', '"classes": len(classes)').says(
    "The file says how many classes there are, and not what they are called. Save the list of names."
)
exercise.edit("keeps_the_inputs", "model[1].out_features", "model[1].in_features").says(
    "784 is the number of inputs of the first layer. `hidden` is the number of its outputs, `model[1].out_features`."
)
exercise.edit("keeps_the_outputs", "model[1].out_features", "model[-1].out_features").says(
    "As `hidden` you save the number of the network's outputs. The hidden neurons are the outputs of the first "
    "`nn.Linear`, `model[1].out_features`."
)
exercise.edit("loses_the_averages", "model.state_dict()", "dict(model.named_parameters())").says(
    "The parameters are there, and BatchNorm's running averages are not: they are buffers, and belong into the file."
)
exercise.edit("writes_elsewhere", "kept, path", 'kept, path + ".pt"').says(
    "You write to a file of another name. `path` is the whole name."
)
