"""From strokes of a pen to the image a network trained on MNIST expects."""

import itertools
import numbers
import reprlib

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch.nn import functional as F

SIDE = 280  # of the drawing area, in the units of the strokes
PEN = 22
MOST_POINTS = 20_000  # of a drawing: a hand makes some thousand, and the kernel draws 100,000 a second


def image_of(strokes, size=28):
    """Draw `strokes` as MNIST's digits were: scaled into a box of 20 of 28 pixels, its centre of mass in the middle.

    Args:
        strokes: lists of points (x, y) in 0..280, from the upper left corner.
        size: side of the image, in pixels.

    Returns:
        float32 [1, 1, size, size] in 0..1, ink being 1; all 0 where nothing is drawn.

    Raises:
        TypeError, ValueError: strokes are no lists of points within 0..280, or more than `MOST_POINTS`.
    """
    check(strokes)
    ink = _draw(strokes)
    rows, columns = ink.any(dim=1).nonzero(), ink.any(dim=0).nonzero()
    canvas = torch.zeros(size, size)
    if len(rows) == 0:
        return canvas.view(1, 1, size, size)
    ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    box = size * 20 / 28 / max(ink.shape)
    shape = [max(1, round(side * box)) for side in ink.shape]
    small = F.interpolate(ink[None, None], shape, mode="bilinear", align_corners=False, antialias=True)[0, 0]
    top, left = (_start(small.sum(dim=1 - axis), size) for axis in (0, 1))
    canvas[top : top + shape[0], left : left + shape[1]] = small.clamp(0, 1)
    return canvas.view(1, 1, size, size)


def check(strokes):
    """Raise TypeError or ValueError unless they can be drawn: a page may send anything."""
    if not isinstance(strokes, list | tuple) or not all(isinstance(stroke, list | tuple) for stroke in strokes):
        raise TypeError("strokes must be a list of lists of points, each point [x, y].")
    count = sum(map(len, strokes))
    if count > MOST_POINTS:
        raise ValueError(f"strokes have {count:,} points: they may have {MOST_POINTS:,}. Clear begins a new drawing.")
    for point in itertools.chain(*strokes):
        pair = isinstance(point, list | tuple) and len(point) == 2
        if not pair or not all(isinstance(at, numbers.Real) and 0 <= at <= SIDE for at in point):
            raise ValueError(f"strokes hold {reprlib.repr(point)}: a point is [x, y], two numbers from 0 to {SIDE}.")


def _draw(strokes):
    picture = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        points = [tuple(point) for point in stroke]
        if len(points) > 1:
            pen.line(points, fill=255, width=PEN)
        for x, y in points:  # round ends and joints
            pen.ellipse((x - PEN / 2, y - PEN / 2, x + PEN / 2, y + PEN / 2), fill=255)
    return torch.from_numpy(np.array(picture, dtype=np.float32)) / 255


def _start(weights, size):
    """Where a strip with these weights begins if its centre of mass is to lie in the middle of `size` pixels."""
    centre = (weights * torch.arange(len(weights))).sum() / weights.sum() + 0.5
    return min(max(round(size / 2 - centre.item()), 0), size - len(weights))
