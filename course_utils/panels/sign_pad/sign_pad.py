"""Draw signs of your own, and keep them: what a network shall learn."""

import pathlib
import secrets

import anywidget
import numpy as np
import torch
import traitlets

from course_utils import checks, own_files, plots, runtime
from course_utils.data import Data
from course_utils.panels.base.panel import Panel
from course_utils.panels.draw_pad import draw_pad, strokes
from course_utils.panels.sign_pad import collection
from course_utils.panels.sign_pad.collection import Collection, Drawing, named

_HERE = pathlib.Path(__file__).parent
ENOUGH = 3  # drawings of a sign, of which there must be two
_SHOWN = 20  # drawings of a sign in the picture


class _SignView(anywidget.AnyWidget):
    _esm = draw_pad.SURFACE + (_HERE / "sign_pad.js").read_text(encoding="utf-8")
    _css = draw_pad.CSS + (_HERE / "sign_pad.css").read_text(encoding="utf-8")
    side = traitlets.Int(strokes.SIDE).tag(sync=True)
    signs = traitlets.List().tag(sync=True)  # [name, [ids of its drawings]] of each
    chosen = traitlets.Unicode("").tag(sync=True)
    deleted = traitlets.Int(0).tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)


class SignPad(Panel):
    """A pad that collects drawings: choose a sign, draw it, keep it. All drawings are in sight, and in a file.

        pad = SignPad(classes=["arrow", "house"])
        show(pad)
        train = pad.data()

    The file is beside the notebooks, and written at each change. Several notebooks may share it.

    Attributes:
        file: its path.
        counts: {name of a sign: number of its drawings}, in the order of the classes.
        chosen: the sign that is drawn now, "" while there is none.
    """

    def __init__(self, classes=(), file="my_signs.npz"):
        """Show what the file holds; `classes` are names of signs to begin with.

        Raises:
            TypeError, ValueError: `classes` are no names, or hold one twice; `file` is no name that ends in .npz, or
                that of a file with something else.
        """
        super().__init__()
        if isinstance(classes, str) or not hasattr(classes, "__iter__"):
            raise TypeError(f"classes is {classes!r}: it must be a list of names.")
        names = [named(name) for name in classes]
        if len(set(names)) < len(names):
            raise ValueError(f"classes is {names}: the names must differ.")
        if not isinstance(file, str | pathlib.PurePath) or pathlib.Path(file).suffix != ".npz":
            raise ValueError(f"file is {str(file)!r}: its name must end in .npz, as in 'my_signs.npz'.")
        self._collection = Collection(own_files.folder() / file, names)
        self._deleted = []  # (id, drawing), the last one last
        self.main = self.widget = _SignView()
        self._do = {
            "keep": self.keep,
            "delete": self.delete,
            "put back": self.put_back,
            "add": self.add,
            "rename": self.rename,
            "send": self._send,
        }
        self._show()
        self.main.observe(self._on_chosen, "chosen")
        self.main.on_msg(self._on_message)
        self._tell("")

    @property
    def file(self):
        return self._collection.path

    @property
    def counts(self):
        signs = self._collection.signs
        return {name: len(signs.of(name)) for name in signs.names}

    @property
    def chosen(self):
        return self.main.chosen

    @chosen.setter
    def chosen(self, sign):
        self.main.chosen = checks.one_of("chosen", sign, self.counts)

    def keep(self, strokes, sign=None, id=None):
        """Keep a drawing.

        Args:
            strokes: lists of points [x, y] in 0..280.
            sign: its name; by default the chosen one. One that is new is added.
            id: a whole number below 2^53 that no other drawing has; by default one by chance.

        Raises:
            TypeError, ValueError: the strokes can't be drawn, or are none; the name can't be.
        """
        image = self._image_of(strokes)
        if not image.any():
            raise ValueError("strokes are empty: draw something first.")
        drawing = Drawing(named(self.chosen if sign is None else sign), image)
        id = secrets.randbelow(collection.IDS) if id is None else checks.whole("id", id, 0, collection.IDS - 1)
        self._push([id], [image])
        self._change(lambda signs: signs.with_drawing(id, drawing))

    def delete(self, id):
        """Delete a drawing, which `put_back` brings back.

        Raises:
            ValueError: there is none of this id.
        """
        if id not in self._collection.signs.drawings:
            raise ValueError("This drawing is not there any more.")
        self._deleted.append((id, self._collection.signs.drawings[id]))
        self._change(lambda signs: signs.without(id))

    def put_back(self):
        """Bring the drawing back that was deleted last; nothing where none was."""
        if self._deleted:
            id, drawing = self._deleted.pop()
            self._change(lambda signs: signs.with_drawing(id, drawing))

    def add(self, name):
        """Add a sign, and choose it.

        Raises:
            TypeError, ValueError: the name is none, or there already.
        """
        name = self._new(name)
        self._change(lambda signs: signs.with_sign(name))
        self.main.chosen = name

    def rename(self, sign, name):
        """Give a sign another name; it keeps its drawings, and its place among the classes.

        Raises:
            TypeError, ValueError: there is no such sign; the name is none, or there already.
        """
        sign, name = checks.one_of("sign", sign, self.counts), self._new(name)
        self._deleted = [(id, one._replace(sign=name) if one.sign == sign else one) for id, one in self._deleted]
        self._change(lambda signs: signs.renamed(sign, name))
        self.main.chosen = name

    def data(self, stand_in=None, classes=None):
        """The drawings as a Dataset; prints which it is.

        Args:
            stand_in: None, or a `Data` to return while fewer than two signs have three drawings each.
            classes: None for all signs that have drawings, or the names that a network knows: the labels count in
                their order, and other signs are left out.

        Returns:
            `Data`: images float32 [N, 1, 28, 28] in 0..1, ink being 1, labels int64 [N].

        Raises:
            ValueError: there are too few drawings, and nothing stands in for them, or what does has other classes.
        """
        counts = self.counts
        names = tuple(name for name in counts if counts[name]) if classes is None else tuple(classes)
        have = {name: counts.get(name, 0) for name in names}
        if sum(count >= ENOUGH for count in have.values()) < 2:
            if stand_in is None or (classes is not None and tuple(stand_in.classes) != names):
                drawn = ", ".join(f"{name} {have.get(name, 0)}" for name in names or counts) or "none"
                raise ValueError(f"Draw at least two signs first, {ENOUGH} times each, and keep them. So far: {drawn}.")
            print(f"Data: {stand_in.source}, {len(stand_in)} images. Yours take their place once there are enough.")
            return stand_in
        chosen = [one for one in self._collection.signs.drawings.values() if one.sign in have]
        print(f"Data: your own signs, {len(chosen)} drawings: {self._listed(have)}")
        with runtime.plain_defaults():
            images = torch.from_numpy(np.stack([one.image for one in chosen])).unsqueeze(1).float() / 255
            labels = torch.tensor([names.index(one.sign) for one in chosen])
        return Data(images, labels, "your own signs", names)

    def picture(self):
        counts, drawings = self.counts, self._collection.signs.drawings
        figure, ax = plots.new_figure(width=7, height=0.4 + 0.35 * max(1, len(counts)))
        sheet = np.zeros((max(1, len(counts)) * collection.SIDE, _SHOWN * collection.SIDE), dtype=np.uint8)
        for row, name in enumerate(counts):
            for column, id in enumerate(self._collection.signs.of(name)[:_SHOWN]):
                at = row * collection.SIDE, column * collection.SIDE
                sheet[at[0] : at[0] + collection.SIDE, at[1] : at[1] + collection.SIDE] = drawings[id].image
        ax.imshow(sheet, cmap="gray", vmin=0, vmax=255)
        middles = [collection.SIDE * (row + 0.5) for row in range(len(counts))]
        ax.set_yticks(middles, [f"{name} {count}" for name, count in counts.items()])
        ax.set_xticks([])
        return plots.Picture(figure, self.sentence)

    def _new(self, name):
        if (name := named(name)) in self.counts:
            raise ValueError(f"There is a sign called {name!r} already.")
        return name

    def _change(self, step):
        self._collection.change(step)
        self._show()
        self._tell("")

    def _show(self):
        signs = self._collection.signs
        with self.main.hold_sync():
            self.main.signs = [[name, signs.of(name)] for name in signs.names]
            self.main.deleted = len(self._deleted)
            if self.chosen not in signs.names:  # another notebook has renamed it
                self.main.chosen = next(iter(signs.names), "")
            self._say()

    def _on_chosen(self, change):
        self._say()
        self._tell("")

    def _say(self):
        told = f"Draw {self.chosen!r}, then press Keep." if self.chosen else "Name your first sign, and add it."
        count = len(self._collection.signs.drawings)
        self.main.sentence = f"{told} {count} drawing{'s' if count != 1 else ''} so far."

    def _listed(self, counts):
        return ", ".join(f"{name} {count}" for name, count in counts.items())

    def _image_of(self, drawn):
        with runtime.plain_defaults():
            return (255 * strokes.image_of(drawn, collection.SIDE)[0, 0]).round().byte().numpy()

    def _tell(self, sentence):
        self.main.error = sentence or self._collection.told

    def _on_message(self, view, content, buffers):
        """Do what the page asks for; what can't be done is told beside the pad, and a drawing goes back there."""
        refused = ""
        with self._guard():
            given = dict(content)
            try:
                self._do[given.pop("do")](**given)
            except (TypeError, ValueError) as error:
                refused = str(error)
        if refused:
            self._tell(refused)
            self.main.send({"refused": content.get("id")})

    def _send(self, ids):
        """Send the page the pixels that it lacks."""
        drawings = self._collection.signs.drawings
        ids = [id for id in ids if id in drawings]
        self._push(ids, [drawings[id].image for id in ids])

    def _push(self, ids, images):
        self.main.send({"pixels": ids}, buffers=[np.stack(images).tobytes()] if images else [])
