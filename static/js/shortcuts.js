// Keys that stand on buttons: <button data-key="s"> is pressed by S. Ignored while typing, on key repeat,
// with Ctrl, Alt or Meta, and while a dialog is open.

const TYPING = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  const name = CSS.escape(event.key.toLowerCase());
  const button = document.querySelector(`[data-key="${name}"]:not(:disabled)`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
