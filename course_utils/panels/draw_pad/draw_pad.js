// A pad to draw on, and a bar for the probability of each class. The square itself is in surface.js.

const SEND_EVERY = 80; // milliseconds, while drawing

function render({ model, el }) {
  el.classList.add("cu-pad");
  const left = element("div", el), right = element("div", el);
  let lastSent = 0;
  const pad = surface(left, model.get("side"), (now) => {
    if (!now && performance.now() - lastSent < SEND_EVERY) return;
    lastSent = performance.now();
    model.set("strokes", pad.strokes.map((stroke) => stroke.map((point) => [...point])));
    model.save_changes();
  });
  const table = element("table", right);
  const sentence = element("p", right);
  sentence.setAttribute("aria-live", "polite");
  const error = element("pre", el);
  error.setAttribute("role", "alert");

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
    const known = model.get("strokes");
    if (!pad.drawing && JSON.stringify(pad.strokes) !== JSON.stringify(known)) pad.put(known);
  }

  const answers = ["probabilities", "sentence", "error"];
  for (const name of answers) model.on(`change:${name}`, showAnswer);
  model.on("change:strokes", showStrokes);
  showStrokes();
  showAnswer();
  return () => {
    for (const name of answers) model.off(`change:${name}`, showAnswer);
    model.off("change:strokes", showStrokes);
  };
}

export default { render };
