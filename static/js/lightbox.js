// Stills as large as the window: <button data-zoom="caption"><img></button>. Escape, the button's own key or
// a click closes.

const dialog = document.createElement("dialog");
dialog.className = "lightbox";
const picture = document.createElement("img");
const caption = document.createElement("p");
const close = document.createElement("button");
close.type = "button";
close.className = "quiet";
close.innerHTML = 'Close <kbd class="key">Esc</kbd>';
const foot = document.createElement("footer");
foot.append(caption, close);
dialog.append(picture, foot);
document.body.append(dialog);

let closingKey = null;

document.addEventListener("click", ({ target }) => {
  const still = target.closest?.("[data-zoom]");
  if (still) open(still);
  else if (dialog.contains(target)) dialog.close();
});

document.addEventListener("keydown", (event) => {
  if (event.repeat || !dialog.open || event.key.toLowerCase() !== closingKey) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // the same key would open it again
  dialog.close();
}, { capture: true });

function open(still) {
  const { src, alt } = still.querySelector("img");
  Object.assign(picture, { src, alt });
  caption.textContent = still.dataset.zoom;
  dialog.setAttribute("aria-label", still.dataset.zoom);
  closingKey = still.dataset.key ?? null;
  dialog.showModal();
}
