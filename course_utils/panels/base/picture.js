// A picture, the sentence under it, and beside both what went wrong.

const NARROWEST = 360; // CSS pixels that a column of a picture has at least, where it is not the only one
const REST = 80; // milliseconds without a new picture, after which a sharp one is wanted
const OPAQUE = 0.99;

function parts(color) {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (color.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  return { rgb: [red, green, blue], alpha };
}

const hex = (rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

// The colours of the page where an element stands; its ground is that of the next thing around it that has one.
function colors(el) {
  const text = parts(getComputedStyle(el).color);
  let around = el, ground = parts("");
  while (around && ground.alpha < OPAQUE) {
    ground = parts(getComputedStyle(around).backgroundColor);
    around = around.parentElement ?? around.getRootNode().host;
  }
  const light = text.rgb[0] + text.rgb[1] + text.rgb[2] > 384;
  if (ground.alpha < OPAQUE) ground = parts(light ? "rgb(17,17,17)" : "rgb(255,255,255)");
  const mixed = text.rgb.map((part, i) => text.alpha * part + (1 - text.alpha) * ground.rgb[i]);
  return { ground: hex(ground.rgb), text: hex(mixed) };
}

// ipywidgets gives no name to the handle of a slider, and to a box without a label only a tooltip.
function nameControls(around) {
  for (const label of around.querySelectorAll(".widget-label")) {
    label.parentElement.querySelector("[role=slider]")?.setAttribute("aria-label", label.textContent);
  }
  for (const box of around.querySelectorAll("input[title]")) box.setAttribute("aria-label", box.title);
}

function render({ model, el }) {
  el.classList.add("cu-picture");
  const figure = document.createElement("figure");
  const row = document.createElement("div");
  const caption = document.createElement("figcaption");
  const error = document.createElement("pre");
  row.className = "cu-columns";
  caption.setAttribute("aria-live", "polite");
  error.setAttribute("role", "alert");
  figure.append(row, caption);
  el.append(figure, error);

  let address = null, told = "", resting = 0, telling = 0;

  const across = () => Math.max(1, Math.floor(el.clientWidth / NARROWEST));

  function pieces() {
    const columns = model.get("columns");
    return columns.length > across() ? columns : [1];
  }

  // One image for the whole picture, or one for each of its columns, which shows that part.
  function showPicture() {
    const png = model.get("png");
    row.hidden = !png || png.byteLength === 0;
    if (row.hidden) return;
    const last = address;
    address = URL.createObjectURL(new Blob([png], { type: "image/png" }));
    layOut();
    if (last) URL.revokeObjectURL(last);
    clearTimeout(resting);
    if (model.get("ratio") < ratio()) resting = setTimeout(() => model.send({ rest: true }), REST);
  }

  function layOut() {
    const shown = pieces();
    while (row.children.length > shown.length) row.lastChild.remove();
    while (row.children.length < shown.length) {
      const piece = document.createElement("div");
      const image = document.createElement("img");
      if (row.children.length) image.setAttribute("aria-hidden", "true"); // the first speaks for all
      piece.append(image);
      row.append(piece);
    }
    let before = 0;
    shown.forEach((part, i) => {
      const piece = row.children[i], image = piece.firstChild;
      piece.style.width = `${part * model.get("width")}px`;
      image.style.width = `${100 / part}%`;
      image.style.marginLeft = `${(-100 * before) / part}%`;
      image.alt = model.get("sentence");
      if (address && image.src !== address) image.src = address;
      before += part;
    });
  }

  function showText() {
    const sentence = model.get("sentence");
    for (const piece of row.children) piece.firstChild.alt = sentence;
    if (caption.textContent !== sentence) caption.textContent = sentence;
    error.textContent = model.get("error");
    error.hidden = error.textContent === "";
  }

  const ratio = () => window.devicePixelRatio || 2;

  // Tells the kernel where the picture is shown, if that has changed.
  function tell() {
    if (el.clientWidth === 0) return; // not on the page
    nameControls(el.parentElement);
    const screen = { ratio: window.devicePixelRatio, room: el.clientWidth, across: across(), ...colors(el) };
    if (JSON.stringify(screen) === told) return;
    told = JSON.stringify(screen);
    layOut();
    model.send({ screen });
  }

  model.on("change:png", showPicture);
  model.on("change:sentence", showText);
  model.on("change:error", showText);
  showText();
  showPicture();
  // A window that is drawn larger tells of many widths, and a theme comes rule by rule; only the last counts.
  const later = () => {
    clearTimeout(telling);
    telling = setTimeout(tell, told ? REST : 0);
  };
  const resized = new ResizeObserver(later);
  resized.observe(el); // also tells when the element is put on the page
  // The style sheet gives the colour a transition, whose end tells of a new theme, whatever the front end; but not where
  // a theme takes two steps, of which JupyterLab tells by an attribute of the body.
  for (const end of ["transitionend", "transitioncancel"]) el.addEventListener(end, later);
  const themed = new MutationObserver(later);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return () => {
    model.off("change:png", showPicture);
    model.off("change:sentence", showText);
    model.off("change:error", showText);
    resized.disconnect();
    themed.disconnect();
    clearTimeout(resting);
    clearTimeout(telling);
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
