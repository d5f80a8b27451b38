"""Letters that matplotlib's own font lacks: found in the fonts of this machine, or named in a sentence."""

import functools
import re
import warnings

from matplotlib import font_manager, ft2font
from matplotlib.text import Text

_LACKS = re.compile(r"Glyph (\d+) ")


def drawn(figure, draw):
    """Call `draw()`, which draws `figure`; again with other fonts, if letters were missing.

    Returns:
        (what `draw` returned, the letters that no font of this machine has).
    """
    result, missing = _seen_to(draw)
    fonts = {letter: _font_with(letter) for letter in missing}
    families = list(dict.fromkeys(font for font in fonts.values() if font))
    if families:
        for text in figure.findobj(Text):
            text.set_fontfamily([*text.get_fontfamily(), *families])
        result, _ = _seen_to(draw)
    return result, "".join(letter for letter, font in fonts.items() if font is None)


def _seen_to(draw):
    """(what `draw` returned, the letters that matplotlib warned of, in their order); other warnings are passed on."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = draw()
    missing = {}
    for one in caught:
        if found := _LACKS.match(str(one.message)):
            missing[chr(int(found[1]))] = True
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return result, list(missing)


@functools.cache
def _font_with(letter):
    """The name of a font of this machine that has `letter`, an upright one of usual weight first; None if none has."""
    fonts = font_manager.fontManager.ttflist
    for font in sorted(fonts, key=lambda font: (font.style != "normal", font.weight not in (400, "normal", "regular"))):
        if ord(letter) in _letters_of(font.fname):
            return font.name
    return None


@functools.cache
def _letters_of(file):
    try:
        return frozenset(ft2font.FT2Font(file).get_charmap())
    except (OSError, RuntimeError):  # gone since the list was made, or broken
        return frozenset()
