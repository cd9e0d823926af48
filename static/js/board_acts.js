// Acts on the board: <button data-post="path">. They are sent by the board itself, because live news may
// replace the button before the answer is there, and with it the message that the answer asks for.

const board = document.getElementById("board");
let pressed = null;

async function act(button) {
  button.disabled = true;
  await window.htmx.ajax("POST", button.dataset.post, { source: board, swap: "none" });
  button.disabled = false;
}

board.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-post]");
  if (button) act(button);
});

// News may also replace a button while it is pressed: no click follows then.
board.addEventListener("pointerdown", ({ target }) => (pressed = target.closest("[data-post]")));
board.addEventListener("pointerup", ({ target }) => {
  const button = target.closest("[data-post]");
  if (button && pressed?.isConnected === false && button.dataset.post === pressed.dataset.post) act(button);
});
