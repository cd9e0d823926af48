// Asks before an act: <form data-confirm="dialog-id"> opens that <dialog>; its button with value "yes" goes on.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = document.getElementById(form.dataset.confirm ?? "");
  if (!(dialog instanceof HTMLDialogElement) || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && proceed(form), { once: true });
}, true);

function proceed(form) {
  form.dataset.confirmed = "yes";
  form.requestSubmit();
  delete form.dataset.confirmed;
}
