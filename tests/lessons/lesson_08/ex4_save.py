import io
import pathlib

import numpy as np
import torch
from torch import nn

from tests.lessons.exercise_answers import Answers

answers = Answers()


def kept(model, classes, **other):
    """What there is to save, with something else in some places; a None leaves it out."""
    all_of_it = {"hidden": model[1].out_features, "classes": classes, "state": model.state_dict()} | other
    return {key: value for key, value in all_of_it.items() if value is not None}


@answers.right
def save_with_more(model, classes, path):
    with open(path, "wb") as file:
        torch.save(kept(model, tuple(classes), epochs=30, accuracy=0.9), file)


@answers.right
def save_copies(model, classes, path):
    state = {name: value.detach().clone() for name, value in model.state_dict().items()}
    hidden = next(layer for layer in model if isinstance(layer, nn.Linear)).weight.shape[0]
    torch.save(kept(model, [*classes], hidden=hidden, state=state), pathlib.Path(path))


@answers.right
def save_by_buffer(model, classes, path):
    buffer = io.BytesIO()
    torch.save(dict(state=model.eval().state_dict(), classes=list(classes), hidden=len(model[1].bias)), buffer)
    pathlib.Path(path).write_bytes(buffer.getvalue())


@answers.right
def save_after_the_norm(model, classes, path):
    torch.save(kept(model, classes, hidden=model[2].num_features), path)


@answers.right
def save_from_the_last_layer(model, classes, path):
    torch.save(kept(model, classes, hidden=torch.tensor(model[-1].in_features)), path)


answers.wrong("keeps_the_network")(lambda model, classes, path: torch.save(model, path))
answers.wrong("keeps_the_network")(lambda model, classes, path: torch.save(kept(model, classes, state=model), path))
answers.wrong("keeps_arrays")(lambda model, classes, path: torch.save(kept(model, np.array(classes)), path))
answers.wrong("keeps_the_state_alone")(lambda model, classes, path: torch.save(model.state_dict(), path))
answers.wrong("forgets_hidden")(lambda model, classes, path: torch.save(kept(model, classes, hidden=None), path))
answers.wrong("forgets_the_classes")(lambda model, classes, path: torch.save(kept(model, None), path))
answers.wrong("keeps_their_number")(lambda model, classes, path: torch.save(kept(model, model[-1].out_features), path))
answers.wrong("keeps_the_inputs")(lambda model, classes, path: torch.save(kept(model, classes, hidden=784), path))
answers.wrong("keeps_the_outputs")(
    lambda model, classes, path: torch.save(kept(model, classes, hidden=len(classes)), path)
)


@answers.wrong("loses_the_averages")
def parameters_alone(model, classes, path):
    state = {name: p.data for name, p in model.named_parameters()}
    torch.save(kept(model, classes, state=state), path)


@answers.wrong("writes_elsewhere")
def another_suffix(model, classes, path):
    torch.save(kept(model, classes), f"{path}.pt")


@answers.unknown("The list of files that were written has 0 entries, and 1 are right.")
def nothing(model, classes, path):
    return kept(model, classes)


@answers.unknown("What is missing in the file is 'hidden, classes', and 'nothing' is right.")
def state_under_its_key(model, classes, path):
    torch.save({"state": model.state_dict()}, path)


@answers.unknown("""The `"hidden"` in the file is 8, and 7 is right.""")
def one_more(model, classes, path):
    torch.save(kept(model, classes, hidden=model[1].out_features + 1), path)


@answers.unknown("""The `"classes"` in the file at [0] is""")
def sorted_backwards(model, classes, path):
    torch.save(kept(model, classes[::-1]), path)


@answers.unknown("What the freshly built network answers is")
def rounded(model, classes, path):
    torch.save(kept(model, classes, state={name: p.half() for name, p in model.state_dict().items()}), path)


@answers.unknown("What is missing in its `\"state\"` is '4.weight, 4.bias', and 'nothing' is right.")
def without_the_last(model, classes, path):
    torch.save(kept(model, classes, state=model[:-1].state_dict()), path)


@answers.unknown("What the freshly built network answers is")
def fresh_averages(model, classes, path):
    hidden = model[1].out_features
    averages = {"2.running_mean": torch.zeros(hidden), "2.running_var": torch.ones(hidden)}
    torch.save(kept(model, classes, state=model.state_dict() | averages), path)


@answers.unknown("The list of what `weights_only=True` refuses to read has 2 entries, and 0 are right.")
def with_an_accuracy(model, classes, path):
    torch.save(kept(model, classes, accuracy=np.float64(0.9)), path)
