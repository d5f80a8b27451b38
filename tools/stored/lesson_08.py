"""Drawings of signs that stand in for a learner's own: made by this program from strokes and jitter, by no hand.

Each sign has an ideal shape. A drawing turns, slants, stretches and bends it, each by chance, and its pen trembles.
Nothing is trained here, and no drawing is chosen or left out.
"""

import numpy as np

from course_utils.panels.draw_pad.strokes import SIDE, image_of

SEED = 8
COUNTS = {"train": 10, "held_out": 10, "new": 20}  # drawings of each sign
STRANGE = 20  # drawings of the sign that no network learns
STEP = 6.0  # between two points of a stroke, in the units of the pad


def circle(radius=1.0, start=0.0, turns=1.0, x=0.0, y=0.0, inward=0.0):
    """Points of an arc round (x, y); with `inward` its radius shrinks to that fraction."""
    t = np.linspace(0, 1, 40)
    angle = start + 2 * np.pi * turns * t
    reach = radius * (1 + (inward - 1) * t) if inward else radius
    return np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], axis=1)


def heart():
    t = np.linspace(0, 2 * np.pi, 60)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=1) / 16


def star():
    corners = -np.pi / 2 + np.arange(6) * 4 * np.pi / 5
    return np.stack([np.cos(corners), np.sin(corners)], axis=1)


SIGNS = {
    "arrow": [np.array([[-1, 0], [1, 0]]), np.array([[0.4, -0.6], [1, 0], [0.4, 0.6]])],
    "heart": [heart()],
    "house": [np.array([[-0.8, 1], [-0.8, -0.2], [0, -1], [0.8, -0.2], [0.8, 1], [-0.8, 1]])],
    "spiral": [circle(turns=2.5, inward=0.1)],
    "star": [star()],
}
NEVER_SEEN = {"face": [circle(), circle(0.08, x=-0.35, y=-0.3), circle(0.08, x=0.35, y=-0.3), circle(0.5, 0.4, 0.37)]}


def made():
    """{"signs": arrays}: `names`, and of each part images uint8 [N, 28, 28] with `NAME labels`; `strange` has none."""
    chance = np.random.default_rng(SEED)
    arrays = {"names": np.array(list(SIGNS)), "strange name": np.array(next(iter(NEVER_SEEN)))}
    for part, count in COUNTS.items():
        arrays[part] = np.stack([drawing(sign, chance) for sign in SIGNS.values() for _ in range(count)])
        arrays[f"{part} labels"] = np.repeat(np.arange(len(SIGNS)), count)
    (sign,) = NEVER_SEEN.values()
    arrays["strange"] = np.stack([drawing(sign, chance) for _ in range(STRANGE)])
    return {"signs": arrays}


def drawing(sign, chance):
    """One drawing of a sign, as the pad's image of it: uint8 [28, 28]."""
    turn, slant = chance.normal(0, 0.2), chance.normal(0, 0.2)
    wide, high = np.exp(chance.normal(0, 0.18, 2))
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    change = rotate @ np.array([[wide, slant], [0, high]]) * 80 * np.exp(chance.normal(0, 0.2))
    bend, phase = chance.normal(0, 6, 2), chance.uniform(0, 2 * np.pi, 2)
    strokes = []
    for stroke in sign:
        points = along(stroke @ change.T)
        points += bend * np.sin(points[:, ::-1] / 40 + phase)  # the whole sign bends
        points += tremble(len(points), chance) + chance.normal(0, 5, 2)  # each stroke sits a little off
        start, end = cut(len(points), chance)
        strokes.append(np.clip(SIDE / 2 + points[start:end], 0, SIDE).tolist())
    return (255 * image_of(strokes)[0, 0]).round().byte().numpy()


def along(points):
    """The same line, with points `STEP` apart."""
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, length[-1], max(2, round(length[-1] / STEP)))
    return np.stack([np.interp(places, length, points[:, axis]) for axis in (0, 1)], axis=1)


def tremble(count, chance):
    """Small steps of the hand that fade again: float [count, 2]."""
    steps = chance.normal(0, 1.0, (count, 2))
    off = np.zeros((count, 2))
    for i in range(1, count):
        off[i] = 0.9 * off[i - 1] + steps[i]
    return off


def cut(count, chance):
    """A stroke starts a little late and ends a little early: its first point and the one after its last."""
    late, early = (count * chance.uniform(0, 0.08, 2)).astype(int)
    return late, count - early
