// A square to draw on, with Undo and Clear. What is drawn are strokes: lists of points. It stands in front of the
// script of each pad, which has no imports.

const PEN = 22;
const KEY_STEP = 8;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function element(tag, parent, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  parent.append(made);
  return made;
}

// `changed(now)` is called at each change, with false while a stroke still grows; `undoMore()` where Undo finds nothing.
// Returns the `canvas`, the `strokes` so far, `drawing`, which is true inside a stroke, and `put(strokes)`.
function surface(parent, side, changed, undoMore = () => {}) {
  const canvas = element("canvas", parent);
  canvas.width = canvas.height = side;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label",
    "Drawing area. Arrow keys move the pen, Space puts it down or lifts it, Backspace takes back a stroke.");
  const undo = element("button", parent, "Undo"), clear = element("button", parent, "Clear");
  for (const one of [canvas, undo, clear]) one.dataset.lmSuppressShortcuts = "true"; // JupyterLab takes keys otherwise
  const context = canvas.getContext("2d");
  let strokes = [], drawing = false, pen = [side / 2, side / 2], byKeys = false;

  function paint() {
    context.clearRect(0, 0, side, side);
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#fff";
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke) context.lineTo(...point);
      context.stroke();
    }
    if (byKeys) {
      context.lineWidth = 2;
      context.strokeStyle = drawing ? "#56b4e9" : "#e69f00";
      context.strokeRect(pen[0] - 6, pen[1] - 6, 12, 12);
    }
  }

  function put(next) {
    strokes = next;
    drawing = false;
    paint();
  }

  function change(next) {
    put(next);
    changed(true);
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const along = (at, start, length) => Math.round(Math.min(Math.max((at - start) / length, 0), 1) * side);
    return [along(event.clientX, box.left, box.width), along(event.clientY, box.top, box.height)];
  }

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    byKeys = false;
    drawing = true;
    strokes = [...strokes, [place(event)]];
    paint();
  };
  canvas.onpointermove = (event) => {
    if (!drawing || byKeys) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) strokes[strokes.length - 1].push(place(move));
    paint();
    changed(false);
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!drawing || byKeys) return;
    drawing = false;
    changed(true);
  };
  canvas.onkeydown = (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      byKeys = true;
      pen = pen.map((at, axis) => Math.min(Math.max(at + KEY_STEP * arrow[axis], 0), side));
      if (drawing) strokes[strokes.length - 1].push(pen);
    } else if (event.key === " ") {
      byKeys = true;
      drawing = !drawing;
      if (drawing) strokes = [...strokes, [pen]];
    } else if (event.key === "Backspace") {
      undo.onclick();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    paint();
    if (byKeys) changed(!drawing);
  };
  canvas.onblur = () => {
    if (byKeys && drawing) changed(true);
    byKeys = drawing = false;
    paint();
  };
  undo.onclick = () => (strokes.length ? change(strokes.slice(0, -1)) : undoMore());
  clear.onclick = () => change([]);
  return { canvas, put, get strokes() { return strokes; }, get drawing() { return drawing; } };
}
