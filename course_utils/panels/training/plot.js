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

// Of the axis of losses, in whole decades; `chance`, a loss or null, lies within unless all is far below it.
function lossLimits(runs, chance) {
  let least = Infinity, most = -Infinity, start = -Infinity;
  for (const run of runs) {
    const losses = [...run.rows, ...run.tests].map((row) => row[1]).filter((loss) => loss > 0 && isFinite(loss));
    if (losses.length === 0) continue;
    least = Math.min(least, ...losses);
    most = Math.max(most, ...losses);
    start = Math.max(start, losses[0]);
  }
  if (least > most) return chance > 0 ? decades(chance / 30, chance) : [0.01, 10];
  if (chance > 0) start = Math.max(start, chance);
  if (chance > 0 && chance < 1000 * most) most = Math.max(most, chance);
  most = Math.min(most, start * 10 ** MOST_DECADES_ABOVE_START);
  least = Math.min(least, most);
  return decades(least, most);
}

function decades(least, most) {
  return [10 ** Math.floor(Math.log10(least) - 0.05), 10 ** Math.ceil(Math.log10(most) + 0.05)];
}

class Plot {
  constructor(canvas, { column, name, log }) {
    Object.assign(this, { canvas, column, name, log });
  }

  // `limits` [bottom, top] of the axis; `chance` {name, value}, or null where none is known; `small` without a title.
  draw(runs, { epochs, limits: [bottom, top], chance, colors, small = false }) {
    const { canvas, column, log } = this;
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (width === 0) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.font = "12px sans-serif";
    const part = log
      ? (value) => Math.log10(value / bottom) / Math.log10(top / bottom)
      : (value) => (value - bottom) / (top - bottom);
    const x = (epoch) => LEFT + ((width - LEFT - RIGHT) * epoch) / epochs;
    const y = (value) => height - BOTTOM - (height - TOP - BOTTOM) * part(value);
    const current = runs[runs.length - 1];
    const title = small ? this.name : `${this.name}    — while training    ○ ${current.held_out} data`;
    this.frame(context, { title, width, height, bottom, top, epochs, x, y, text: colors.text });
    if (chance?.value > bottom && chance.value <= top) this.level(context, chance, y, width, colors.text, small);
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
    const room = (width - LEFT - RIGHT) / (context.measureText(epochs).width + 12); // for numbers as long as the last
    const step = Math.ceil(epochs / Math.max(1, Math.min(10, Math.floor(room))));
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

  // Where one stands who has learned nothing.
  level(context, { name, value }, y, width, color, small) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 1.5;
    context.setLineDash([7, 5]);
    context.globalAlpha = 0.75;
    context.beginPath();
    context.moveTo(LEFT, y(value));
    context.lineTo(width - RIGHT, y(value));
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    if (small) return;
    context.textAlign = "right";
    context.textBaseline = "bottom";
    const shown = this.log ? Number(value.toPrecision(3)) : `${Number((100 * value).toPrecision(2))} %`;
    context.fillText(`${name}: ${shown}`, width - RIGHT, y(value) - 3);
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

