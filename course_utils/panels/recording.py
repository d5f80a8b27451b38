"""What an Explorer shows at every position of its controls: pictures for a page that has no kernel."""

import base64
import io
import itertools
import math

import ipywidgets as widgets
from PIL import Image

FEWEST = 5  # stops of a slider, where it has as many: fewer say nothing of what lies between
TRIED = 16  # positions from whose weight that of all is told
COLORS = 128  # of a picture; they make its file a quarter as large


def record(explorer, most=400, size=2_500_000):
    """Turn the controls of `explorer` to all their positions, and back.

    A slider is recorded at some of its stops, evenly spaced, if all would be too many. A control that leaves too many
    positions all the same, or has no stops, stays where it is.

    Args:
        explorer: an `Explorer`.
        most: positions.
        size: bytes that the pictures may have together; there are fewer positions where they have more.

    Returns:
        A dict that JSON can hold: "controls", for each that is turned its "label", its "kind" ("range", "select" or
        "checkbox"), its "stops" as texts, and where it "start"s, a place among them; "left", the labels of the others;
        "pictures", PNG files in base64; "sentences"; and "shown", for each position the places of its picture and its
        sentence among those. The last control changes fastest.
    """
    few = _recorded(explorer, _counts(explorer.controls, min(most, TRIED)))
    most = max(1, min(most, int(len(few["shown"]) * size / _weight(few))))
    recorded = _recorded(explorer, _counts(explorer.controls, most))
    while _weight(recorded) > size and most > 1:  # those few were lighter than the others
        most = most * 9 // 10
        recorded = _recorded(explorer, _counts(explorer.controls, most))
    return recorded


def _weight(recorded):
    """Bytes of all pictures."""
    return sum(len(picture) * 3 // 4 for picture in recorded["pictures"])


def _label(control):
    return getattr(control, "description", "") or control.label


def _stops(control):
    """[(text, value)] of the positions of a control; empty for one that has none, such as a grid of numbers."""
    if isinstance(control, widgets.Dropdown):
        return list(control.options)
    if isinstance(control, widgets.Checkbox):
        return [("no", False), ("yes", True)]
    return [(f"{stop:.6g}", stop) for stop in control.stops()] if hasattr(control, "stops") else []


def _counts(given, most):
    """{name: at how many stops a control is recorded}, with at most `most` positions of all of them together."""
    wanted = {name: len(_stops(control)) for name, control in given.items()}
    counts = {}
    for name, count in wanted.items():
        least = min(count, FEWEST) if hasattr(given[name], "stops") else count
        if count and least * math.prod(counts.values()) <= most:
            counts[name] = least
    growing = [name for name in counts if hasattr(given[name], "stops")]
    while growing:
        name = min(growing, key=lambda name: counts[name] / wanted[name])
        grown = counts | {name: counts[name] + 1}
        if counts[name] < wanted[name] and math.prod(grown.values()) <= most:
            counts = grown
        else:
            growing.remove(name)
    return counts


def _thinned(stops, count, start):
    """`count` of the stops, evenly spaced, with that nearest to `start` moved there; and its place among them."""
    chosen = [stops[round(place * (len(stops) - 1) / max(count - 1, 1))] for place in range(count)]
    values = [value for _, value in chosen]
    if start not in values:  # only numbers have been left out
        nearest = min(range(count), key=lambda place: abs(values[place] - start))
        chosen[nearest], values[nearest] = (f"{start:.6g}", start), start
    return chosen, values.index(start)


def _recorded(explorer, counts):
    turned, controls_told, before = {}, [], explorer.values
    for name, count in counts.items():
        control = explorer.controls[name]
        stops, start = _thinned(_stops(control), count, control.value)
        turned[name] = [value for _, value in stops]
        kind = {widgets.Dropdown: "select", widgets.Checkbox: "checkbox"}.get(type(control), "range")
        controls_told.append(
            {"label": _label(control), "kind": kind, "stops": [text for text, _ in stops], "start": start}
        )
    pictures, sentences, shown = {}, {}, []
    for values in itertools.product(*turned.values()):
        for name, value in zip(turned, values, strict=True):
            explorer.controls[name].value = value
        picture = pictures.setdefault(_small(explorer.png), len(pictures))
        shown.append([picture, sentences.setdefault(explorer.sentence, len(sentences))])
    for name, value in before.items():
        explorer.controls[name].value = value
    left = [_label(control) for name, control in explorer.controls.items() if name not in counts]
    return {
        "controls": controls_told,
        "left": left,
        "pictures": list(pictures),
        "sentences": list(sentences),
        "shown": shown,
    }


def _small(png):
    """A PNG in few colours, in base64."""
    buffer = io.BytesIO()
    few = Image.open(io.BytesIO(png)).quantize(COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode()
