"""The two networks that lesson 04 trains and moves digits under, and a digit of each class to move."""

import torch
from torch.utils.data import TensorDataset

from course_utils import models
from course_utils.data import mnist
from course_utils.lessons.lesson_04.built import cnn, shift, trained

LEVELS = 127  # of an int8, to each side of 0


def made():
    """{"networks": arrays}, as `course_utils.lessons.lesson_04.knobs.stored` reads them."""
    train, test = mnist()
    if train.source != "MNIST":
        raise SystemExit(f"The data here are {train.source}: the networks that are stored have learned from MNIST.")
    torch.set_num_threads(1)
    few, few_test = (TensorDataset(part.images[:n], part.labels[:n]) for part, n in ((train, 6000), (test, 1000)))
    networks = {}
    for name, make in (("MLP", lambda: models.mlp(hidden=(128, 256), activation="relu")), ("CNN", cnn)):
        torch.manual_seed(0)
        networks[name] = make()
        trained(networks[name], few, few_test, epochs=2)
    places = [digit(networks, test, label) for label in range(10)]
    arrays = {"images": (255 * test.images[places]).round().byte().numpy()}
    for name, model in networks.items():
        for part, p in model.state_dict().items():
            scale = p.abs().max() / LEVELS
            arrays[f"{name} {part}"] = (p / scale).round().to(torch.int8).numpy()
            arrays[f"{name} {part} scale"] = scale.numpy()
    return {"networks": arrays}


@torch.no_grad()
def digit(networks, test, label):
    """The place of the first test image with this label that both networks lose on its way to the right, MLP first."""
    for place in (test.labels == label).nonzero()[:, 0].tolist():
        image = test.images[place : place + 1]
        way = torch.cat([shift(image, right) for right in range(9)])  # [9, 1, 28, 28]
        right = {name: (model(way).argmax(1) == label).tolist() for name, model in networks.items()}
        until = {name: sum(found) for name, found in right.items()}
        held = all(found == sorted(found, reverse=True) for found in right.values())  # lost for good
        if held and 1 <= until["MLP"] < until["CNN"] <= 6:
            return place
    raise SystemExit(f"There is no {label} that the MLP loses first.")
