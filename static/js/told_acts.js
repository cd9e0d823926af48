// Tells how the page's requests ended. The server asks for a message by the answer header
//   HX-Trigger: {"toast": {"message": "...", "undo": "/trials/7/undo"}}
// and every refused htmx request shows its message.
// Loaded by the base page alone: it listens, and must not listen twice.

import { toast } from "./toast.js";

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
