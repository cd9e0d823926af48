// Asks why a label is corrected: <dialog id="reason-dialog">.

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("reason-dialog"));

/**
 * @param {string} asked what the studio said
 * @returns {Promise<string | null>} the reason; null: the label shall stay
 */
export function askReason(asked) {
  dialog.querySelector("[data-asked]").textContent = asked;
  const field = dialog.querySelector("input");
  field.value = "";
  field.required = true;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "yes" && field.value.trim() ? field.value.trim() : null),
      { once: true },
    );
  });
}
