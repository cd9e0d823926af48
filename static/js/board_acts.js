// Acts on the board: <button data-post="path">. They are sent by the board itself, because live news may
// replace the button before the answer is there, and with it the message that the answer asks for.

const board = document.getElementById("board");

board.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-post]");
  if (!button) return;
  button.disabled = true;
  await window.htmx.ajax("POST", button.dataset.post, { source: board, swap: "none" });
  button.disabled = false;
});
