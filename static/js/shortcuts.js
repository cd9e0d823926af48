// Keys that stand on buttons: <button data-key="s"> is pressed by S, and by a second key where it has a
// data-other-key. Ignored while typing, on key repeat, with Ctrl, Alt or Meta, and while a dialog is open. Space or
// Enter on a button that has the focus presses that one: who has gone to "stop motion" must not start the arm by
// it. Foot pedals and presenters type keys, too: a button names those that may press it,
// <button data-pedal="pagedown enter">.

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const PRESSING = [" ", "Enter"];

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (PRESSING.includes(event.key) && event.target.closest?.("button, a[href], summary")) return;
  const name = CSS.escape(event.key.toLowerCase());
  const asked = `:is([data-key="${name}"], [data-other-key="${name}"], [data-pedal~="${name}"])`;
  const button = document.querySelector(`${asked}:not(:disabled, [hidden])`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
