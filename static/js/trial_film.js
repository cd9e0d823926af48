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

/** Say that a studio keeps this film no longer: its poster, the first frame, stands for it. */
function missFilm() {
  const caption = film.querySelector("figcaption");
  caption.textContent = caption.textContent.replace("2x, looping", "Its film is kept no longer: the first frame");
  film.querySelector(".film-acts").hidden = true;
}

if (film) {
  const video = film.querySelector("video");
  if (video.error) missFilm();
  else video.addEventListener("error", missFilm);
  if (film.dataset.review) reviewMotion(film);
}
