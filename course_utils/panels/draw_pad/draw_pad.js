// A pad to draw on, and a bar for the probability of each class. What is drawn are strokes: lists of points.

const PEN = 22;
const SEND_EVERY = 80; // milliseconds, while drawing
const KEY_STEP = 8;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function element(tag, parent, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  parent.append(made);
  return made;
}

function render({ model, el }) {
  el.classList.add("cu-pad");
  const side = model.get("side");
  const left = element("div", el), right = element("div", el);
  const canvas = element("canvas", left);
  canvas.width = canvas.height = side;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label",
    "Drawing area. Arrow keys move the pen, Space puts it down or lifts it, Backspace takes back a stroke.");
  const undo = element("button", left, "Undo"), clear = element("button", left, "Clear");
  for (const one of [canvas, undo, clear]) one.dataset.lmSuppressShortcuts = "true"; // JupyterLab takes keys otherwise
  const table = element("table", right);
  const sentence = element("p", right);
  sentence.setAttribute("aria-live", "polite");
  const error = element("pre", el);
  error.setAttribute("role", "alert");
  const context = canvas.getContext("2d");

  let strokes = model.get("strokes"); // as drawn; the model's follow
  let drawing = false, lastSent = 0, pen = [side / 2, side / 2], byKeys = false;

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

  function send(now = true) {
    if (!now && performance.now() - lastSent < SEND_EVERY) return;
    lastSent = performance.now();
    model.set("strokes", strokes.map((stroke) => stroke.map((point) => [...point])));
    model.save_changes();
  }

  function change(next) {
    strokes = next;
    drawing = false;
    paint();
    send();
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
    send(false);
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!drawing || byKeys) return;
    drawing = false;
    send();
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
      change(strokes.slice(0, -1));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    paint();
    if (byKeys) send(!drawing);
  };
  canvas.onblur = () => {
    if (byKeys && drawing) send();
    byKeys = drawing = false;
    paint();
  };
  undo.onclick = () => change(strokes.slice(0, -1));
  clear.onclick = () => change([]);

  const bars = model.get("classes").map((name) => {
    const row = element("tr", table);
    element("td", row, name);
    const bar = element("div", element("td", row));
    bar.className = "cu-bar";
    return { bar, number: element("td", row) };
  });

  function showAnswer() {
    const probabilities = model.get("probabilities");
    bars.forEach(({ bar, number }, i) => {
      bar.style.width = `${100 * (probabilities[i] ?? 0)}%`;
      number.textContent = probabilities.length ? `${Math.round(100 * probabilities[i])} %` : "";
    });
    if (sentence.textContent !== model.get("sentence")) sentence.textContent = model.get("sentence");
    error.textContent = model.get("error");
    error.hidden = error.textContent === "";
  }

  // Strokes set by the kernel, or in another view of the same pad.
  function showStrokes() {
    if (drawing || JSON.stringify(strokes) === JSON.stringify(model.get("strokes"))) return;
    strokes = model.get("strokes");
    paint();
  }

  const answers = ["probabilities", "sentence", "error"];
  for (const name of answers) model.on(`change:${name}`, showAnswer);
  model.on("change:strokes", showStrokes);
  paint();
  showAnswer();
  return () => {
    for (const name of answers) model.off(`change:${name}`, showAnswer);
    model.off("change:strokes", showStrokes);
  };
}

export default { render };
