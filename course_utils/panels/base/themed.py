"""Draws a figure that was made for white paper in the colours of the page around it."""

import numpy as np
from matplotlib.colors import to_hex, to_rgb, to_rgba

from course_utils import plots

# The palette on a dark page: what would be too dark there is lighter, and still none is like another.
ON_DARK = {
    plots.BLUE: "#4ea3e6",
    plots.SKY: "#a8dcff",
    plots.GREEN: "#2ec49a",
    plots.RED: "#f0743a",
}


class ThemedRenderer:
    """Passes everything on to another renderer: white as the ground, black as the text, greys in between.

    A colour of the palette becomes its twin for dark pages; other colours stay, as do images, and the text on them.
    So does a colour map, unless it is one of greys. The figure itself is not changed.
    """

    def __init__(self, renderer, ground, text):
        """`ground` and `text` are colours as matplotlib takes them."""
        self._renderer = renderer
        self._ground, self._text = np.array(to_rgb(ground)), np.array(to_rgb(text))
        dark = self._ground.sum() < self._text.sum()
        self._twins = {color.lower(): to_rgb(twin) for color, twin in ON_DARK.items()} if dark else {}
        self._known = {}  # color -> color
        self._images = []  # (left, bottom, right, top) of each in sight, in pixels
        self._copied = []  # of those in the region that was copied

    def __getattr__(self, name):
        return getattr(self._renderer, name)

    def clear(self):
        self._images = []
        self._renderer.clear()

    def copy_from_bbox(self, bbox):
        self._copied = list(self._images)
        return self._renderer.copy_from_bbox(bbox)

    def restore_region(self, region):
        self._images = list(self._copied)
        self._renderer.restore_region(region)

    def _color(self, color):
        color = tuple(color)
        if color not in self._known:
            red, green, blue, alpha = to_rgba(color)
            if red == green == blue:
                new = self._text + red * (self._ground - self._text)
            else:
                new = self._twins.get(to_hex(color), (red, green, blue))
            self._known[color] = (*map(float, new), alpha)
        return self._known[color]

    def _colors(self, colors):
        return np.array([self._color(color) for color in colors]) if len(colors) else colors

    def _drawn(self, gc, draw, *arguments):
        before = gc.get_rgb()
        gc.set_foreground(self._color(before), isRGBA=True)
        draw(gc, *arguments)
        gc.set_foreground(before, isRGBA=True)

    def _face(self, color):
        return None if color is None else self._color(color)

    def draw_path(self, gc, path, transform, rgbFace=None):
        self._drawn(gc, self._renderer.draw_path, path, transform, self._face(rgbFace))

    def draw_markers(self, gc, marker, marker_transform, path, transform, rgbFace=None):
        face = self._face(rgbFace)
        self._drawn(gc, self._renderer.draw_markers, marker, marker_transform, path, transform, face)

    def draw_path_collection(
        self, gc, master, paths, transforms, offsets, offset_transform, faces, edges, *more, **named
    ):
        faces, edges = self._colors(faces), self._colors(edges)
        self._renderer.draw_path_collection(
            gc, master, paths, transforms, offsets, offset_transform, faces, edges, *more, **named
        )

    def draw_image(self, gc, x, y, im, *transform):
        height, width = im.shape[:2]
        self._images.append((x, y, x + width, y + height))
        self._renderer.draw_image(gc, x, y, im, *transform)

    def draw_text(self, gc, x, y, *more, **named):
        up = self._renderer.height - y
        if any(left <= x <= right and bottom <= up <= top for left, bottom, right, top in self._images):
            self._renderer.draw_text(gc, x, y, *more, **named)
        else:
            self._drawn(gc, lambda gc: self._renderer.draw_text(gc, x, y, *more, **named))
