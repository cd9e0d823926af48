// <button data-copy="id"> copies the text of the field with that id. navigator.clipboard needs https or localhost,
// which a tablet in the lab has not: the field is then selected, and copied in the older way.

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  const done = await copy(field.value);
  button.textContent = done ? "Copied" : "Selected: press Ctrl-C";
});

/** @returns {Promise<boolean>} whether the text is on the clipboard */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
