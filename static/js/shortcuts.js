// Keys that stand on buttons: <button data-key="s"> is pressed by S, and by a second key where it has a
// data-other-key. Ignored while typing, on key repeat, with Ctrl, Alt or Meta, and while a dialog is open. Space on
// a button that has the focus presses that one: who has gone to "stop motion" must not start the arm by it.

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (event.key === " " && event.target.closest?.("button, a[href], summary")) return;
  const name = CSS.escape(event.key.toLowerCase());
  const button = document.querySelector(`:is([data-key="${name}"], [data-other-key="${name}"]):not(:disabled)`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
