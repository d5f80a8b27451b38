// Squares of numbers: an image, what a layer makes of it, weights.

const ABOVE = [230, 120, 0], BELOW = [0, 114, 178];
const GAP = 2; // CSS pixels between two maps
const LARGEST = 24; // CSS pixels of a cell
const SIDE = 300; // of a picture, at most

function layOut(count, height, width) {
  const across = Math.max(1, Math.min(count, Math.round(Math.sqrt((count * height) / width)))); // nearly square
  const down = Math.ceil(count / across);
  const room = (maps, cells) => Math.floor((SIDE - GAP * (maps - 1)) / (maps * cells));
  return { across, down, zoom: Math.max(1, Math.min(LARGEST, room(across, width), room(down, height))) };
}

// One map in its colours, a pixel a cell.
function colored(numbers, [, height, width, channels], signed) {
  const cells = new ImageData(width, height);
  for (let cell = 0; cell < height * width; cell++) {
    const number = numbers[cell * channels];
    const part = Math.min(1, Math.abs(number - 128) / 127);
    const sign = number > 128 ? ABOVE : BELOW;
    for (let c = 0; c < 3; c++) {
      const plain = numbers[cell * channels + (channels === 3 ? c : 0)];
      cells.data[4 * cell + c] = signed ? 255 + part * (sign[c] - 255) : plain;
    }
    cells.data[4 * cell + 3] = 255;
  }
  return cells;
}

function paint(canvas, { shape, maps, signed }) {
  const [count, height, width, channels] = shape, size = height * width * channels;
  const { across, down, zoom } = layOut(count, height, width);
  canvas.width = across * (width * zoom + GAP) - GAP;
  canvas.height = down * (height * zoom + GAP) - GAP;
  const context = canvas.getContext("2d"), one = document.createElement("canvas");
  one.width = width;
  one.height = height;
  context.imageSmoothingEnabled = false;
  const numbers = new Uint8Array(maps.buffer, maps.byteOffset, maps.byteLength);
  for (let i = 0; i < count; i++) {
    one.getContext("2d").putImageData(colored(numbers.subarray(i * size, (i + 1) * size), shape, signed), 0, 0);
    const left = (i % across) * (width * zoom + GAP), top = Math.floor(i / across) * (height * zoom + GAP);
    context.drawImage(one, left, top, width * zoom, height * zoom);
  }
}

function render({ model, el }) {
  el.classList.add("cu-inside");
  const row = document.createElement("div");
  const error = document.createElement("pre");
  error.setAttribute("role", "alert");
  el.append(row, error);

  function show() {
    const pictures = model.get("pictures");
    while (row.children.length > pictures.length) row.lastChild.remove();
    while (row.children.length < pictures.length) {
      const figure = document.createElement("figure");
      const title = document.createElement("strong"), canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      figure.append(title, canvas, document.createElement("figcaption"));
      row.append(figure);
    }
    pictures.forEach((picture, i) => {
      const [title, canvas, caption] = row.children[i].children;
      title.textContent = picture.title;
      caption.textContent = picture.sentence;
      canvas.hidden = picture.shape[0] === 0;
      canvas.setAttribute("aria-label", `${picture.title}: ${picture.sentence}`);
      if (!canvas.hidden) paint(canvas, picture);
    });
  }

  function showError() {
    error.textContent = model.get("error");
    error.hidden = error.textContent === "";
  }

  model.on("change:pictures", show);
  model.on("change:error", showError);
  show();
  showError();
  return () => {
    model.off("change:pictures", show);
    model.off("change:error", showError);
  };
}

export default { render };
