// The film on the page of a trial: frame by frame, with the motion under it.

import { stepFrames } from "./frame_step.js";
import { reviewMotion } from "./review.js";

const film = /** @type {HTMLElement | null} */ (document.querySelector("[data-film]"));

film?.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  const video = film.querySelector("video");
  if (button?.dataset.step) stepFrames(video, Number(button.dataset.step), Number(film.dataset.frameS));
  else if (!button || !("pause" in button.dataset)) return;
  else if (video.paused) video.play();
  else video.pause();
  film.querySelector("[data-pause]").setAttribute("aria-pressed", video.paused);
});

if (film?.dataset.review) reviewMotion(film);
