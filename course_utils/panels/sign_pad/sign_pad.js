// Signs to choose and to name, a square to draw them on (surface.js), and every drawing so far, as a network sees it.

const SIDE = 28, CELL = 30; // pixels of a drawing, and with the gap beside it
const SCALE = 1.3;
const NEXT = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: (columns) => -columns, ArrowDown: (columns) => columns };

function render({ model, el }) {
  el.classList.add("cu-pad", "cu-signs");
  const left = element("div", el), right = element("div", el);
  left.className = "cu-drawn";
  right.className = "cu-collected";
  const thumbs = new Map(); // id -> ImageData
  const waiting = new Map(); // id -> strokes that were sent, and of which the kernel has not said that it has them
  const kept = []; // [id, strokes] of those kept here, for Undo
  const rows = new Map(); // name -> its row on the page
  let selected = null; // the id of a drawing

  const sentence = element("p", left);
  sentence.setAttribute("aria-live", "polite");
  const pad = surface(left, model.get("side"), () => {}, takeBack);
  const keep = element("button", left, "Keep");
  keep.className = "cu-keep";
  pad.canvas.after(keep);
  pad.canvas.setAttribute("aria-label", `${pad.canvas.getAttribute("aria-label")} Enter keeps the drawing.`);
  const late = element("p", left);

  const list = element("div", right);
  list.className = "cu-rows";
  list.setAttribute("role", "radiogroup");
  list.setAttribute("aria-label", "Signs");
  const remove = element("button", right, "Delete"), back = element("button", right, "Put back");
  const naming = element("div", right);
  const name = element("input", naming);
  name.type = "text";
  name.maxLength = 30;
  name.placeholder = "name of a sign";
  name.setAttribute("aria-label", "Name of a sign");
  const add = element("button", naming, "Add"), rename = element("button", naming, "Rename");
  const error = element("pre", el);
  error.setAttribute("role", "alert");
  for (const one of [keep, remove, back, name, add, rename]) one.dataset.lmSuppressShortcuts = "true";
  const group = `cu-signs-${Math.random()}`;

  const signs = () => model.get("signs");
  const ask = (what, more = {}) => model.send({ do: what, ...more });

  keep.onclick = () => {
    if (!pad.strokes.length || !model.get("chosen")) return;
    const id = Math.floor(Math.random() * 2 ** 53);
    waiting.set(id, pad.strokes);
    kept.push([id, pad.strokes]);
    pad.put([]);
    ask("keep", { id, sign: model.get("chosen"), strokes: waiting.get(id) });
    showLate();
  };
  function takeBack() {
    if (!kept.length) return;
    const [id, strokes] = kept.pop();
    pad.put(strokes);
    ask("delete", { id });
  }
  add.onclick = () => ask("add", { name: name.value });
  rename.onclick = () => ask("rename", { sign: model.get("chosen"), name: name.value });
  remove.onclick = () => ask("delete", { id: selected });
  back.onclick = () => ask("put back");

  // Classic Notebook has keys of its own for all of these.
  el.addEventListener("keydown", (event) => {
    if (event.target === pad.canvas && event.key === "Enter") keep.onclick();
    if (event.target === name && event.key === "Enter") add.onclick();
    if (event.key !== "Tab" && event.key !== "Escape") event.stopPropagation();
  });

  function showLate() {
    late.textContent = waiting.size ? `The kernel is busy: ${waiting.size} kept so far, and not yet saved.` : "";
  }

  function makeRow(sign) {
    const row = element("div", list), label = element("label", row);
    row.className = "cu-row";
    const radio = element("input", label), count = element("span", label);
    radio.type = "radio";
    radio.name = group;
    radio.dataset.lmSuppressShortcuts = "true";
    radio.onchange = () => {
      model.set("chosen", sign);
      model.save_changes();
    };
    const canvas = element("canvas", element("div", row));
    canvas.tabIndex = 0;
    canvas.dataset.lmSuppressShortcuts = "true";
    canvas.setAttribute("role", "application");
    const made = { row, radio, count, canvas, ids: [], columns: 0, shown: null };
    canvas.onclick = (event) => {
      const at = (distance) => Math.floor(distance / CELL / SCALE);
      select(made.ids[at(event.offsetY) * made.columns + at(event.offsetX)] ?? null);
    };
    canvas.onkeydown = (event) => {
      const place = made.ids.indexOf(selected);
      if (NEXT[event.key]) {
        const to = place < 0 ? 0 : place + NEXT[event.key](made.columns);
        select(made.ids[Math.min(Math.max(to, 0), made.ids.length - 1)] ?? null);
      } else if ((event.key === "Delete" || event.key === "Backspace") && place >= 0) {
        remove.onclick();
        select(made.ids[place + 1] ?? made.ids[place - 1] ?? null);
      } else {
        return;
      }
      event.preventDefault();
    };
    return made;
  }

  function select(id) {
    selected = id;
    show();
  }

  // Only what has changed is painted: a row whose drawings are the same stays as it is.
  function paint(made) {
    const inside = made.ids.includes(selected) ? selected : null;
    const columns = Math.max(1, Math.floor(made.canvas.parentElement.clientWidth / CELL / SCALE));
    const ready = made.ids.filter((id) => thumbs.has(id)).length;
    const shown = [columns, inside, ready, ...made.ids].join();
    if (shown === made.shown) return;
    Object.assign(made, { columns, shown });
    const { canvas, ids } = made;
    canvas.hidden = !ids.length;
    canvas.width = CELL * Math.min(columns, ids.length);
    canvas.height = CELL * Math.ceil(ids.length / columns);
    canvas.style.width = `${canvas.width * SCALE}px`;
    canvas.style.height = `${canvas.height * SCALE}px`;
    const context = canvas.getContext("2d");
    ids.forEach((id, place) => {
      const x = CELL * (place % columns), y = CELL * Math.floor(place / columns);
      if (thumbs.has(id)) context.putImageData(thumbs.get(id), x, y);
      if (id !== inside) return;
      context.strokeStyle = "#e69f00";
      context.lineWidth = 3;
      context.strokeRect(x + 1.5, y + 1.5, SIDE - 3, SIDE - 3);
    });
  }

  function show() {
    const names = signs().map(([sign]) => sign);
    if (names.join("\n") !== [...rows.keys()].join("\n")) {
      list.replaceChildren();
      rows.clear();
      for (const sign of names) rows.set(sign, makeRow(sign));
      name.value = "";
    }
    const all = signs().flatMap(([, ids]) => ids);
    if (!all.includes(selected)) selected = null;
    const chosen = model.get("chosen");
    for (const [sign, ids] of signs()) {
      const made = rows.get(sign);
      made.ids = ids;
      made.radio.checked = sign === chosen;
      made.count.textContent = `${sign} ${ids.length}`;
      const place = ids.indexOf(selected);
      made.canvas.setAttribute("aria-label", `${sign}: ${ids.length} drawings.`
        + (place < 0 ? " Arrow keys choose one, Delete deletes it." : ` ${place + 1} is chosen.`));
      paint(made);
    }
    for (const id of all) waiting.delete(id);
    showLate();
    if (sentence.textContent !== model.get("sentence")) sentence.textContent = model.get("sentence");
    error.textContent = model.get("error");
    error.hidden = error.textContent === "";
    remove.disabled = selected === null;
    back.disabled = !model.get("deleted");
    keep.disabled = rename.disabled = !chosen;
    rename.textContent = chosen ? `Rename ${chosen}` : "Rename";
  }

  function fetchMissing() {
    const ids = signs().flatMap(([, some]) => some).filter((id) => !thumbs.has(id));
    if (ids.length) ask("send", { ids });
  }

  function receive(message, buffers) {
    if (message.refused !== undefined) {
      const strokes = waiting.get(message.refused);
      waiting.delete(message.refused);
      if (strokes && !pad.strokes.length) pad.put(strokes);
    }
    (message.pixels ?? []).forEach((id, number) => {
      const image = new ImageData(SIDE, SIDE);
      for (let i = 0; i < SIDE * SIDE; i++) {
        const ink = buffers[0].getUint8(number * SIDE * SIDE + i);
        image.data.set([ink, ink, ink, 255], 4 * i);
      }
      thumbs.set(id, image);
    });
    show();
  }

  const traits = ["signs", "chosen", "deleted", "sentence", "error"];
  for (const one of traits) model.on(`change:${one}`, show);
  model.on("change:signs", fetchMissing);
  model.on("msg:custom", receive);
  const watch = new ResizeObserver(show);
  watch.observe(right);
  show();
  fetchMissing();
  return () => {
    watch.disconnect();
    for (const one of traits) model.off(`change:${one}`, show);
    model.off("change:signs", fetchMissing);
    model.off("msg:custom", receive);
  };
}

export default { render };
