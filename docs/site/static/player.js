// Turns a page's first knob without a kernel. `figure.player` holds its pictures' addresses, its sentences, and for each
// position of its controls which of them it shows; the last control changes fastest.
function control({label, kind, stops, start}, turned) {
  const input = document.createElement(kind === "select" ? "select" : "input");
  input.autocomplete = "off"; // a page loaded again begins at its first picture
  const frame = document.createElement("label");
  frame.append(`${label} `, input);
  if (kind === "select") {
    input.append(...stops.map(text => new Option(text)));
    input.selectedIndex = start;
  } else {
    input.type = kind;
    if (kind === "checkbox") input.checked = start === 1;
    else Object.assign(input, {min: 0, max: stops.length - 1, step: 1, value: start});
  }
  const place = () => (kind === "select" ? input.selectedIndex : kind === "checkbox" ? +input.checked : +input.value);
  if (kind === "range") {
    const shown = document.createElement("span");
    const tell = () => input.setAttribute("aria-valuetext", (shown.textContent = stops[place()]));
    input.addEventListener("input", tell);
    tell();
    shown.className = "player-value";
    frame.append(" ", shown);
  }
  input.addEventListener("input", turned);
  return {frame, place, count: stops.length};
}

function play(figure) {
  const {controls, pictures, sentences, shown} = JSON.parse(figure.querySelector("script").textContent);
  const image = figure.querySelector("img");
  const caption = figure.querySelector("figcaption");
  caption.setAttribute("role", "status");
  const turn = () => {
    const position = made.reduce((before, {place, count}) => before * count + place(), 0);
    const [picture, sentence] = shown[position];
    image.src = pictures[picture];
    image.alt = caption.textContent = sentences[sentence];
  };
  const made = controls.map(one => control(one, turn));
  const row = document.createElement("div");
  row.className = "player-controls";
  row.append(...made.map(({frame}) => frame));
  // Whoever turns one control will turn it on: the other pictures come while nobody waits for them.
  row.addEventListener("input", () => pictures.forEach(address => (new Image().src = address)), {once: true});
  figure.prepend(row);
}

addEventListener("DOMContentLoaded", () => document.querySelectorAll("figure.player").forEach(play));
