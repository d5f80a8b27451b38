// A picture, the sentence under it, and beside both what went wrong.

function render({ model, el }) {
  el.classList.add("cu-picture");
  const figure = document.createElement("figure");
  const image = document.createElement("img");
  const caption = document.createElement("figcaption");
  const error = document.createElement("pre");
  caption.setAttribute("aria-live", "polite");
  error.setAttribute("role", "alert");
  figure.append(image, caption);
  el.append(figure, error);

  let address = null;

  function showPicture() {
    const png = model.get("png");
    image.hidden = !png || png.byteLength === 0;
    if (image.hidden) return;
    const last = address;
    address = URL.createObjectURL(new Blob([png], { type: "image/png" }));
    image.src = address;
    if (last) URL.revokeObjectURL(last);
  }

  function showText() {
    const sentence = model.get("sentence");
    image.alt = sentence;
    caption.textContent = sentence;
    error.textContent = model.get("error");
    error.hidden = error.textContent === "";
  }

  model.on("change:png", showPicture);
  model.on("change:sentence", showText);
  model.on("change:error", showText);
  showText();
  showPicture();
  return () => {
    model.off("change:png", showPicture);
    model.off("change:sentence", showText);
    model.off("change:error", showText);
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
