// The live picture of a cell: it runs while the cell answers and somebody looks.

import { channelOf } from "./cell_channel.js";

for (const figure of document.querySelectorAll("[data-cell]")) follow(figure);

function follow(figure) {
  const picture = figure.querySelector("img");
  const source = `/cells/${figure.dataset.cell}/live.mjpg`;
  const channel = channelOf(figure.dataset.cell);
  picture.addEventListener("error", () => end(picture));
  channel.addEventListener("state", ({ detail: state }) => {
    if (!state.up || document.hidden) end(picture);
    else if (picture.hidden) {
      picture.src = `${source}?since=${Date.now()}`; // a stream that has ended is not asked for again under its name
      picture.hidden = false;
    }
    show(figure, state);
  });
}

function show(figure, state) {
  figure.querySelector("[data-live-message]").textContent = state.message ?? "";
  figure.querySelector("[data-live-activity]").textContent = state.up ? doing(state) : "";
  const joints = document.querySelector("[data-live-joints]");
  if (joints && state.joints) joints.textContent = state.joints.map((joint) => joint.toFixed(2)).join("  ");
}

function doing(state) {
  if (state.busy) return state.activity;
  return state.waiting ? `${state.waiting} waits` : "free";
}

function end(picture) {
  picture.hidden = true;
  picture.removeAttribute("src");
}
