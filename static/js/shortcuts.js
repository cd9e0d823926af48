// Keys that stand on buttons: <button data-key="s"> is pressed by S, and by a second key where it has a
// data-other-key. Ignored while typing, on key repeat, with Ctrl, Alt or Meta, and while a dialog is open. Foot
// pedals and presenters type keys, too: a button names those that may press it, <button data-pedal="pagedown enter">.

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const PRESSED_BY_ENTER = "a, button, summary";

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.closest?.(PRESSED_BY_ENTER)) return;
  const name = CSS.escape(event.key.toLowerCase());
  const asked = `:is([data-key="${name}"], [data-other-key="${name}"], [data-pedal~="${name}"])`;
  const button = document.querySelector(`${asked}:not(:disabled, [hidden])`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
