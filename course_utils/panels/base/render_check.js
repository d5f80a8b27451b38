// Tells the kernel that a widget was rendered; the kernel's answer is the text.

function render({ model, el }) {
  el.setAttribute("role", "status");
  const show = () => {
    el.textContent = model.get("text");
    el.style.color = model.get("seen") ? "var(--jp-success-color1, #388e3c)" : "inherit";
  };
  model.on("change:text", show);
  show();
  model.set("seen", true);
  model.save_changes();
  return () => model.off("change:text", show);
}

export default { render };
