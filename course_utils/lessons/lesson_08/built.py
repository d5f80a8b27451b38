"""What lesson 08 writes and its deeper notebooks use, line for line."""

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import v2

from course_utils.data import batches
from course_utils.lessons.lesson_08.signs import digits_network


def nearest(data, X):
    # How far each image is from each drawing of `data`: [N, M]
    distances = torch.cdist(X.flatten(1), data.images.flatten(1))
    return data.labels[distances.argmin(1)]


def learn(model, data, lr, epochs=60, seed=0, vary=None):
    """Train what isn't frozen; `vary` changes each image anew, if given."""
    free = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(free, lr=lr)
    loader = batches(data, batch_size=10, shuffle=True, seed=seed)
    for _ in range(epochs):
        for X, y in loader:
            X = torch.stack([vary(image) for image in X]) if vary else X
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def borrowed(classes):
    model = digits_network().requires_grad_(False)  # frozen
    model[-1] = nn.Linear(64, classes)  # a new head, for the same 64 inputs
    return model


def frozen(data, seed, epochs=60):
    torch.manual_seed(seed)
    model = borrowed(len(data.classes))
    return learn(model, data, lr=0.01, epochs=epochs, seed=seed)


def unfrozen(data, seed, vary=None):
    model = frozen(data, seed, epochs=30).requires_grad_(True)
    return learn(model, data, lr=0.001, epochs=30, seed=seed, vary=vary)


def vary(image, degrees=15, shift=0.1, scale=0.2):
    """Another drawing of the same sign: turned, moved, scaled at random."""
    size = (1 - scale, 1 + scale)
    return v2.RandomAffine(degrees, (shift, shift), size)(image)


def counts(answers, y):
    """(precision, recall, F1) of answers, [N] booleans, where y is 1."""
    found = (answers & (y == 1)).sum().item()
    precision = found / max(1, answers.sum().item())
    recall = found / (y == 1).sum().item()
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return precision, recall, f1


def photographed(drawing, seed):
    """A drawing [1, 28, 28] on paper: [1, 240, 240] in 0..1, paper bright."""
    chance = torch.Generator().manual_seed(seed)
    top, left = torch.randint(81, (2,), generator=chance).tolist()
    ink = F.interpolate(drawing[None], size=(160, 160), mode="bilinear")[0]
    ink = F.pad(ink, (left, 80 - left, top, 80 - top))
    light = torch.linspace(0.95, 0.6, 240).repeat(240, 1)
    light = light.rot90(seed)  # from the left, from below, ...
    return light * (1 - 0.75 * ink)


def prepared(photo, flat=True, invert=True, cut=True):
    """A photo [1, H, W] as the pad would have made it: [1, 28, 28]."""
    if flat:
        photo = photo / paper(photo)
    ink = 1 - photo if invert else photo
    if cut:
        ink = cut_out(ink)
    return F.interpolate(ink[None], size=(28, 28), mode="area")[0]


def paper(photo):
    """How bright the paper is, also under the strokes: [1, H, W]."""
    bright = F.max_pool2d(photo, 31, stride=8, padding=15)  # over a stroke
    bright = -F.max_pool2d(-bright, 5, stride=1, padding=2)  # and back
    return F.interpolate(bright[None], photo.shape[1:], mode="bilinear")[0]


def cut_out(ink):
    """The ink in the middle of a square, 20 of 28 parts wide or high."""
    on = ink[0] > 0.4 * ink.max()
    rows, columns = (on.any(dim).nonzero()[:, 0] for dim in (1, 0))
    top, bottom = rows[0], rows[-1] + 1
    left, right = columns[0], columns[-1] + 1
    sign = ink[:, top:bottom, left:right] / ink.max()
    height, width = sign.shape[1:]
    side = round(1.4 * max(height, width))
    above, before = (side - height) // 2, (side - width) // 2
    after, below = side - width - before, side - height - above
    return F.pad(sign, (before, after, above, below))
