// The trials that the page holds: the first is on the screen, the videos of the others load meanwhile.

import { stepFrames } from "./frame_step.js";

const SPEED = 2;

export class TrialStage {
  #place;
  #page;
  #paused = false;

  /** @param {HTMLElement} place @param {HTMLElement} page told by data-stage-empty that there is nothing to show */
  constructor(place, page) {
    this.#place = place;
    this.#page = page;
    this.#show();
  }

  /** @returns {HTMLElement[]} */
  get cards() {
    return [...this.#place.querySelectorAll(":scope > [data-trial]")];
  }

  /** @returns {HTMLElement} */
  get place() {
    return this.#place;
  }

  /** @returns {HTMLElement | null} the trial on the screen */
  get current() {
    return this.cards[0] ?? null;
  }

  get ids() {
    return this.cards.map((card) => card.dataset.trial);
  }

  /** Takes the trial off the screen; the next one is there at once. @returns {HTMLElement | null} */
  take() {
    const [card = null] = this.cards;
    if (card) this.drop(card);
    return card;
  }

  /** @param {HTMLElement} card */
  drop(card) {
    card.querySelector("video").pause();
    card.remove();
    this.#show();
  }

  /** @param {HTMLElement} card */
  putFirst(card) {
    this.#place.prepend(card);
    this.#show();
  }

  /** @param {HTMLElement} card */
  putLast(card) {
    this.#place.append(card);
    this.#show();
  }

  get paused() {
    return this.#paused;
  }

  togglePause() {
    this.#paused = !this.#paused;
    this.#show();
  }

  /** Stops the video and moves it on, or back, by so many frames; it begins anew after its end. @param {number} frames */
  stepFrames(frames) {
    const [card] = this.cards;
    if (!card) return;
    if (!this.#paused) this.togglePause();
    const video = card.querySelector("video");
    stepFrames(video, frames, Number(card.dataset.frameS));
  }

  #show() {
    this.#place.dispatchEvent(new CustomEvent("trial-shown"));
    const [current, ...others] = this.cards;
    this.#page.toggleAttribute("data-stage-empty", !current);
    for (const card of others) {
      card.hidden = true;
      card.querySelector("video").pause();
    }
    if (!current) return;
    current.hidden = false;
    const video = current.querySelector("video");
    video.defaultPlaybackRate = video.playbackRate = SPEED;
    if (this.#paused) video.pause();
    else video.play().catch(() => {}); // refused by a power saver: the poster shows, the frames stand beside it
  }
}
