// Short messages at the corner. The server asks for one by the answer header
//   HX-Trigger: {"toast": {"message": "...", "undo": "/trials/7/undo"}}
// and every refused htmx request shows its message.

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

// Told by the request itself: live news may take the pressed button out of the page before the answer is
// there, and an event of a button that is gone reaches nobody.
document.body.addEventListener("htmx:beforeSend", ({ detail: { xhr } }) => {
  xhr.addEventListener("load", () => (xhr.status < 400 ? tellAct(xhr) : tellRefusal(xhr)));
  xhr.addEventListener("error", () =>
    toast("The studio does not answer. Is it still running? Nothing was saved.", { error: true }),
  );
});

function tellAct(xhr) {
  const asked = JSON.parse(xhr.getResponseHeader("HX-Trigger") ?? "{}").toast;
  if (asked) toast(asked.message, { undo: asked.undo });
}

function tellRefusal(xhr) {
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const found = answer.querySelector("[role=alert]") ?? answer.body;
  toast(found.textContent.trim() || "That did not work. Reload the page and try again.", { error: true });
}
