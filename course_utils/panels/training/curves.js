const MOST_TOGETHER = 4; // curves in one picture; of more, each earlier run has a small one of its own

// The table of runs; a row's name, its numbers, and for earlier runs a box to hide it and a button to remove it.
// One that is listed only has a button that trains it.
function fillTable(table, model, runs, colors) {
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  table.replaceChildren();
  const head = element("tr", element("thead", table));
  for (const name of model.get("head")) element("th", head, "", name).scope = "col";
  element("td", head); // above the buttons
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
    for (const [what, text] of [["train", "Train"], ["remove", "Remove"]]) {
      if (what === "train" && run.trained) continue;
      const button = element("button", last, "", text);
      button.dataset.key = `${what} ${run.id}`;
      button.setAttribute("aria-label", `${what} ${run.name}`);
      button.onclick = () => model.send({ [what]: run.id });
    }
  }
  if (focused) table.querySelector(`[data-key="${focused}"]`)?.focus();
}

function render({ model, el }) {
  el.classList.add("cu-curves");
  const headline = element("p", el, "cu-headline");
  const plots = element("div", el, "cu-plots");
  plots.setAttribute("role", "img");
  const shown = [
    new Plot(element("canvas", plots), { column: 1, name: "loss", log: true }),
    new Plot(element("canvas", plots), { column: 2, name: "accuracy", log: false }),
  ];
  const many = element("div", el, "cu-many");
  const progress = element("progress", el);
  progress.setAttribute("aria-label", "progress of the run");
  const status = element("p", el, "cu-status");
  const sentence = element("p", el, "cu-sentence");
  sentence.setAttribute("aria-live", "polite");
  const error = element("pre", el, "cu-error");
  error.setAttribute("role", "alert");
  const printed = element("pre", el, "cu-code cu-printed");
  const table = element("table", el);
  const copies = element("div", el, "cu-copies");
  for (const [name, text] of [["code", "Copy as code"], ["panel_code", "Copy panel as code"]]) {
    element("button", copies, "", text).onclick = () => copy(name);
  }
  const copied = element("span", copies);
  copied.setAttribute("role", "status");
  const code = element("pre", el, "cu-code");
  let shownCode = null; // the name of the text in sight

  function allRuns() {
    const ghosts = model.get("ghosts").map((run) => ({ ...run, rows: rows(run.points), ghost: true }));
    return [...ghosts, { ...model.get("run"), rows: rows(model.get("points")), ghost: false, visible: true }];
  }

  function colors() {
    const text = getComputedStyle(el).color;
    return { text, of: isDark(text) ? ON_DARK : ON_LIGHT };
  }

  // ipywidgets gives a slider's handle no name, and a box beside it a title only, where it has one.
  function nameControls() {
    const panel = el.closest(".cu-training") ?? el;
    for (const handle of panel.querySelectorAll("[role=slider]:not([aria-label])")) {
      const label = handle.closest(".widget-slider")?.querySelector(".widget-label")?.textContent;
      if (!label) continue;
      handle.setAttribute("aria-label", label);
      const box = handle.closest(".widget-slider").parentElement.querySelector("input[type=text]");
      box?.setAttribute("aria-label", `${label}, as a number`);
    }
  }

  let asked = 0;
  function draw() {
    nameControls();
    asked = 0;
    const runs = allRuns().filter((run) => run.visible && (run.trained || !run.ghost)); // those with a curve to draw
    const current = runs[runs.length - 1];
    const { name, loss, accuracy } = model.get("chance");
    const epochs = Math.max(...runs.map((run) => run.epochs));
    const scale = { epochs, colors: colors() };
    const losses = { ...scale, limits: lossLimits(runs, loss), chance: { name, value: loss } };
    const accuracies = { ...scale, limits: [0, 1], chance: { name, value: accuracy } };
    const apart = runs.length > MOST_TOGETHER ? runs.filter((run) => run.ghost) : [];
    shown[1].canvas.hidden = !model.get("has_accuracy");
    shown[0].draw(apart.length ? [current] : runs, losses);
    if (!shown[1].canvas.hidden) shown[1].draw(apart.length ? [current] : runs, accuracies);
    drawMany(apart, shown[1].canvas.hidden ? losses : accuracies);
  }

  // Each earlier run by itself, on the axes of the others: of accuracy where there is one.
  function drawMany(runs, scale) {
    many.hidden = runs.length === 0;
    while (many.children.length > runs.length) many.lastChild.remove();
    while (many.children.length < runs.length) {
      const figure = element("figure", many);
      element("figcaption", figure);
      element("canvas", figure).setAttribute("role", "img");
    }
    runs.forEach((run, i) => {
      const [caption, canvas] = many.children[i].children;
      const { column, name, log } = shown[model.get("has_accuracy") ? 1 : 0];
      caption.textContent = run.name;
      canvas.setAttribute("aria-label", `${name} of run ${run.name}: ${run.cells.join(", ")}`);
      new Plot(canvas, { column, name, log }).draw([run], { ...scale, small: true });
    });
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
    headline.textContent = model.get("headline");
    copies.hidden = !model.get("has_copy");
    code.hidden = shownCode === null;
    if (shownCode) code.textContent = model.get(shownCode);
  }

  async function copy(name) {
    shownCode = name;
    showText();
    try {
      await navigator.clipboard.writeText(model.get(name));
      copied.textContent = " Copied.";
    } catch {
      getSelection().selectAllChildren(code);
      copied.textContent = " Selected: press Ctrl+C (⌘C on a Mac).";
    }
  }

  const listeners = [
    [["points", "run", "ghosts", "chance"], drawSoon],
    [["run", "ghosts", "head"], showTable],
    [["headline", "status", "progress", "sentence", "code", "panel_code", "error", "printed"], showText],
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
