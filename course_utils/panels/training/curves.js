// Curves of loss and accuracy that grow while a run trains, and a table of the runs.

// Okabe and Ito's palette; on a dark page its lighter half and lightened others.
const ON_LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07800", "#2f8fc4"];
const ON_DARK = ["#56b4e9", "#ff9a4d", "#2ec49a", "#f0a6cf", "#f0e442", "#9ecae1"];
const MOST_CIRCLES = 60; // more would lie on each other; the dashed line between them remains
const LEFT = 52, RIGHT = 18, TOP = 22, BOTTOM = 34;
const MOST_DECADES_ABOVE_START = 2; // a loss that grows further leaves the picture, and an arrow says so

function element(tag, parent, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  // JupyterLab would take Enter and the arrows for itself.
  if (["BUTTON", "INPUT"].includes(made.tagName)) made.dataset.lmSuppressShortcuts = "true";
  return made;
}

// What a run holds in bytes, as rows [epochs, loss, accuracy].
function rows(bytes) {
  if (!bytes || bytes.byteLength === 0) return [];
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const numbers = new Float32Array(copy);
  return Array.from({ length: numbers.length / 3 }, (_, i) => numbers.subarray(3 * i, 3 * i + 3));
}

function isDark(color) {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number); // no color yet while not on the page
  return r + g + b > 384; // light text
}

// Ten to the power of n, or the number itself, as short as it can be read.
function tickText(value, log) {
  if (!log) return `${Math.round(100 * value)} %`;
  return value >= 0.001 && value < 10000 ? String(Number(value.toPrecision(1))) : value.toExponential(0);
}

function lossLimits(runs) {
  let least = Infinity, most = -Infinity, start = -Infinity;
  for (const run of runs) {
    const losses = [...run.rows, ...run.tests].map((row) => row[1]).filter((loss) => loss > 0 && isFinite(loss));
    if (losses.length === 0) continue;
    least = Math.min(least, ...losses);
    most = Math.max(most, ...losses);
    start = Math.max(start, losses[0]);
  }
  if (least > most) return [0.01, 10];
  most = Math.min(most, start * 10 ** MOST_DECADES_ABOVE_START);
  least = Math.min(least, most);
  return [10 ** Math.floor(Math.log10(least) - 0.05), 10 ** Math.ceil(Math.log10(most) + 0.05)];
}

class Plot {
  constructor(canvas, { column, name, log }) {
    Object.assign(this, { canvas, column, name, log });
  }

  draw(runs, epochs, colors) {
    const { canvas, column, log } = this;
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (width === 0) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.font = "12px sans-serif";
    const [bottom, top] = log ? lossLimits(runs) : [0, 1];
    const part = log
      ? (value) => Math.log10(value / bottom) / Math.log10(top / bottom)
      : (value) => (value - bottom) / (top - bottom);
    const x = (epoch) => LEFT + ((width - LEFT - RIGHT) * epoch) / epochs;
    const y = (value) => height - BOTTOM - (height - TOP - BOTTOM) * part(value);
    const current = runs[runs.length - 1];
    const title = `${this.name}    — while training    ○ ${current.held_out} data`;
    this.frame(context, { title, width, height, bottom, top, epochs, x, y, text: colors.text });
    context.save();
    context.beginPath();
    context.rect(LEFT - 4, TOP - 4, width - LEFT - RIGHT + 8, height - TOP - BOTTOM + 8);
    context.clip();
    for (const run of runs) this.curve(context, run, colors.of[run.color % colors.of.length], { x, y, top, column });
    context.restore();
    for (const [epoch, text] of current.marks) this.mark(context, x(epoch), text, height, colors.text);
  }

  frame(context, { title, width, height, bottom, top, epochs, x, y, text }) {
    context.fillStyle = context.strokeStyle = text;
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillText(title, LEFT, 13, width - LEFT - 2); // condensed where the picture is narrow
    const ticks = [];
    if (this.log) {
      const decades = Math.round(Math.log10(top / bottom));
      const every = Math.ceil(decades / 6);
      for (let i = 0; i <= decades; i += every) ticks.push(bottom * 10 ** i);
    } else {
      ticks.push(0, 0.25, 0.5, 0.75, 1);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of ticks) {
      context.globalAlpha = 0.2;
      context.beginPath();
      context.moveTo(LEFT, y(value));
      context.lineTo(width - RIGHT, y(value));
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(tickText(value, this.log), LEFT - 6, y(value));
    }
    const step = Math.ceil(epochs / 10);
    context.textAlign = "center";
    context.textBaseline = "top";
    for (let epoch = 0; epoch <= epochs; epoch += step) context.fillText(epoch, x(epoch), height - BOTTOM + 5);
    context.fillText("epochs", (LEFT + width - RIGHT) / 2, height - 13);
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(LEFT, TOP);
    context.lineTo(LEFT, height - BOTTOM);
    context.lineTo(width - RIGHT, height - BOTTOM);
    context.stroke();
    context.globalAlpha = 1;
  }

  curve(context, run, color, { x, y, top, column }) {
    context.globalAlpha = run.ghost ? 0.55 : 1;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = run.ghost ? 1.2 : 2;
    context.lineJoin = "round";
    const within = (value) => Math.min(value, top);
    context.beginPath();
    for (const row of run.rows) if (isFinite(row[column])) context.lineTo(x(row[0]), y(within(row[column])));
    context.stroke();
    if (run.rows.length === 1 && isFinite(run.rows[0][column])) {
      context.fillRect(x(run.rows[0][0]) - 2, y(within(run.rows[0][column])) - 2, 4, 4); // one point is no line
    }
    context.setLineDash([2, 3]);
    context.beginPath();
    for (const row of run.tests) if (row[column] !== null) context.lineTo(x(row[0]), y(within(row[column])));
    context.stroke();
    context.setLineDash([]);
    for (const row of run.tests.length > MOST_CIRCLES ? [] : run.tests) {
      if (row[column] === null) continue;
      context.beginPath();
      context.arc(x(row[0]), y(within(row[column])), run.ghost ? 2.5 : 3.5, 0, 7);
      context.stroke();
    }
    if (column === 1) {
      for (const row of run.rows) if (row[1] > top) this.arrow(context, x(row[0]), y(top));
      if (run.diverged !== null) this.arrow(context, x(run.diverged), y(top));
    }
    context.globalAlpha = 1;
  }

  // Up and out of the picture.
  arrow(context, x, y) {
    context.beginPath();
    context.moveTo(x - 5, y + 7);
    context.lineTo(x, y - 1);
    context.lineTo(x + 5, y + 7);
    context.fill();
  }

  mark(context, x, text, height, color) {
    context.strokeStyle = context.fillStyle = color;
    context.setLineDash([4, 4]);
    context.globalAlpha = 0.7;
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, height - BOTTOM);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    context.save();
    context.translate(x + 3, height - BOTTOM - 4);
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    context.textBaseline = "top";
    context.font = "11px sans-serif";
    context.fillText(text, 0, 0);
    context.restore();
  }
}

// The table of runs; a row's name, its numbers, and for earlier runs a box to hide it and a button to remove it.
function fillTable(table, model, runs, colors) {
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  table.replaceChildren();
  const head = element("tr", element("thead", table));
  for (const name of [...model.get("head"), ""]) element("th", head, "", name).scope = "col";
  const body = element("tbody", table);
  for (const run of [...runs].reverse()) {
    const line = element("tr", body);
    const name = element("td", line);
    const box = element("input", name);
    box.type = "checkbox";
    box.checked = run.visible;
    box.disabled = !run.ghost;
    box.dataset.key = `show ${run.id}`;
    box.title = "Show its curve";
    box.setAttribute("aria-label", `show ${run.name}`);
    box.onchange = () => model.send({ show: run.id, visible: box.checked });
    element("span", name, "cu-swatch").style.background = colors.of[run.color % colors.of.length];
    name.append(run.name);
    for (const cell of run.cells) element("td", line, "", cell);
    const last = element("td", line);
    if (!run.ghost) continue;
    const button = element("button", last, "", "Remove");
    button.dataset.key = `remove ${run.id}`;
    button.setAttribute("aria-label", `remove ${run.name}`);
    button.onclick = () => model.send({ remove: run.id });
  }
  if (focused) table.querySelector(`[data-key="${focused}"]`)?.focus();
}

function render({ model, el }) {
  el.classList.add("cu-curves");
  const plots = element("div", el, "cu-plots");
  plots.setAttribute("role", "img");
  const shown = [
    new Plot(element("canvas", plots), { column: 1, name: "loss", log: true }),
    new Plot(element("canvas", plots), { column: 2, name: "accuracy", log: false }),
  ];
  const progress = element("progress", el);
  progress.setAttribute("aria-label", "progress of the run");
  const status = element("p", el, "cu-status");
  const sentence = element("p", el, "cu-sentence");
  sentence.setAttribute("aria-live", "polite");
  const error = element("pre", el, "cu-error");
  error.setAttribute("role", "alert");
  const printed = element("pre", el, "cu-code cu-printed");
  const table = element("table", el);
  const copy = element("button", el, "", "Copy as code");
  const copied = element("span", el);
  copied.setAttribute("role", "status");
  const code = element("pre", el, "cu-code");
  code.hidden = true;

  function allRuns() {
    const ghosts = model.get("ghosts").map((run) => ({ ...run, rows: rows(run.points), ghost: true }));
    return [...ghosts, { ...model.get("run"), rows: rows(model.get("points")), ghost: false, visible: true }];
  }

  function colors() {
    const text = getComputedStyle(el).color;
    return { text, of: isDark(text) ? ON_DARK : ON_LIGHT };
  }

  let asked = 0;
  function draw() {
    asked = 0;
    const runs = allRuns().filter((run) => run.visible);
    shown[1].canvas.hidden = !model.get("has_accuracy");
    const epochs = Math.max(...runs.map((run) => run.epochs));
    for (const plot of shown) if (!plot.canvas.hidden) plot.draw(runs, epochs, colors());
  }
  // However many messages arrive between two frames, it is drawn once.
  const drawSoon = () => { asked = asked || requestAnimationFrame(draw); };

  function showTable() {
    const runs = allRuns();
    table.hidden = runs.length === 1;
    fillTable(table, model, runs, colors());
  }

  function showText() {
    progress.value = model.get("progress");
    status.textContent = model.get("status");
    error.textContent = model.get("error");
    error.hidden = error.textContent === "";
    if (printed.textContent !== model.get("printed")) {
      printed.textContent = model.get("printed");
      printed.scrollTop = printed.scrollHeight;
    }
    printed.hidden = printed.textContent === "";
    if (sentence.textContent !== model.get("sentence")) sentence.textContent = model.get("sentence");
    plots.setAttribute("aria-label", model.get("sentence"));
    code.textContent = model.get("code");
    copy.hidden = !model.get("has_copy");
  }

  copy.onclick = async () => {
    code.hidden = false;
    try {
      await navigator.clipboard.writeText(model.get("code"));
      copied.textContent = " Copied.";
    } catch {
      getSelection().selectAllChildren(code);
      copied.textContent = " Selected: press Ctrl+C (⌘C on a Mac).";
    }
  };

  const listeners = [
    [["points", "run", "ghosts"], drawSoon],
    [["run", "ghosts", "head"], showTable],
    [["status", "progress", "sentence", "code", "error", "printed"], showText],
  ];
  for (const [names, listener] of listeners) for (const name of names) model.on(`change:${name}`, listener);
  const restyle = () => { drawSoon(); showTable(); };
  const resized = new ResizeObserver(restyle); // also tells when the element is put on the page
  resized.observe(plots);
  // JupyterLab tells of a changed theme by an attribute of the body.
  const themed = new MutationObserver(restyle);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  showText();
  showTable();
  return () => {
    for (const [names, listener] of listeners) for (const name of names) model.off(`change:${name}`, listener);
    resized.disconnect();
    themed.disconnect();
    cancelAnimationFrame(asked);
  };
}

export default { render };
