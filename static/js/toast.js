// Short messages at the corner.

const STAYS_MS = 8000;

/**
 * @param {string} message
 * @param {{undo?: string, error?: boolean}} options undo: path that is posted to take the act back
 */
export function toast(message, { undo, error = false } = {}) {
  const item = document.createElement("div");
  item.className = error ? "toast toast--error" : "toast";
  const text = document.createElement("p");
  text.textContent = message;
  item.append(text);
  if (undo) item.append(undoButton(undo, item));
  document.getElementById("toasts").append(item);
  setTimeout(() => item.remove(), error ? 2 * STAYS_MS : STAYS_MS);
}

function undoButton(path, item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small-button";
  button.textContent = "Undo";
  button.addEventListener("click", async () => {
    item.remove();
    await window.htmx.ajax("POST", path, { swap: "none" });
  });
  return button;
}
