"""clinic-17: a module that is not there."""

import warnings

import torch
from torch import nn

from course_utils.exercises.exercise import Exercise
from course_utils.lessons.clinic.ex6_build import no_downloads

exercise = Exercise(
    "network",
    kind="repair",
    title="No module of that name",
    minutes=2,
    text="A MobileNet with random weights, for your number of classes. It stops: `ModuleNotFoundError: No module named "
    "'torchvision.module'`. And torchvision is installed.",
    hints=(
        "The message names the part after the dot. Which parts does torchvision have?",
        "`import torchvision` and then `dir(torchvision)` lists them.",
    ),
    remember="`No module named 'a.b'` means that `a` was found and has no `b`: look for the spelling before you "
    "install anything.",
    within=no_downloads,
)


@exercise.probe
def probe(network, draw):
    classes, n = draw.number(3, 9), draw.size(2)
    with warnings.catch_warnings(record=True) as caught, torch.device("meta"):  # shapes without numbers: no time
        warnings.simplefilter("always")  # same: the sandbox asks for all of them, too
        model = network(classes)
    yield "the number of warnings", len(caught)
    yield "what `network` returns", "a module" if isinstance(model, nn.Module) else model
    logits = model.eval()(torch.empty(n, 3, 64, 64, device="meta"))  # same: any size of image will do
    yield f"the shape of the logits for {n} images and {classes} classes", list(logits.shape)
    yield "the number of parameters", sum(p.numel() for p in model.parameters())


@exercise.solution
def solution(classes):
    import torchvision.models as models

    return models.mobilenet_v3_small(weights=None, num_classes=classes)


exercise.broken("torchvision.models", "torchvision.module").says("It still finds no such module.")
exercise.edit("another_name_again", "torchvision.models", "torchvision.modules").says(
    "There is no `torchvision.modules`, either. `dir(torchvision)` shows the name."
)
exercise.edit("names_torchs_modules", "torchvision.models as models", "torch.nn.modules as models").says(
    "`torch.nn.modules` holds layers. Whole networks are in torchvision."
)
exercise.edit("thousand_classes", ", num_classes=classes", "").says(
    "The number of classes is lost: this network answers with ImageNet's 1,000. (A MobileNet has no `fc`: a layer of "
    "that name would never be asked.)"
)
exercise.edit("another_network", "v3_small", "v3_large").says(
    "That is another network, the large MobileNet: about three times as many numbers."
)
