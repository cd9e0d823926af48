// The motion of the trial on the screen: curves under its film with a cursor that goes along, and the way of the
// tool's tip over the film, the demonstration's beside the trial's. Fetched only once it is asked for.

import { scale } from "./axis.js";
import { drawing, element, words } from "./svg_element.js";

const HEIGHT = 112;
const NARROW = 600; // of the place for both drawings: beneath it they stand under each other, here and in review.css
const GAP = 12;
const MARGIN = { left: 34, right: 8, top: 16, bottom: 4 };
const JOINTS = Array.from({ length: 7 }, (_, joint) => `joint ${joint + 1}`);
const TIP = ["x", "y", "z"];
const REMEMBERED = "hndp-review";

export class Review {
  #stage;
  #shown = localStorage.getItem(REMEMBERED) === "yes";

  /** @param {{current: HTMLElement | null, place: HTMLElement}} stage that tells "trial-shown" when another trial is on it */
  constructor(stage) {
    this.#stage = stage;
    stage.place.addEventListener("trial-shown", () => queueMicrotask(() => this.#show()));
    const button = document.querySelector("[data-review-switch]");
    button?.setAttribute("aria-pressed", this.#shown);
    this.#show();
  }

  /** @returns {boolean} whether it is shown now */
  toggle() {
    this.#shown = !this.#shown;
    localStorage.setItem(REMEMBERED, this.#shown ? "yes" : "no");
    this.#show();
    return this.#shown;
  }

  #show() {
    const card = this.#stage.current;
    if (!card?.dataset.review) return;
    card.classList.toggle("reviewed", this.#shown);
    if (this.#shown && !card.querySelector(".review")) reviewMotion(card);
  }
}

/**
 * Draws the motion into the element that holds the film.
 * @param {HTMLElement} card with data-review: the address of the motion, and a .trial-film around the video
 */
export async function reviewMotion(card) {
  const film = card.querySelector(".trial-film");
  const place = document.createElement("div");
  place.className = "review";
  place.textContent = "Loading the motion ...";
  (card.querySelector(".trial-pictures") ?? film).append(place);
  const answer = await fetch(card.dataset.review, { headers: { Accept: "application/json" } }).catch(() => null);
  const motion = await answer?.json().catch(() => null);
  if (!answer?.ok || !motion) {
    place.textContent = motion?.error ?? "The motion cannot be read. Show it once more to try again.";
    return;
  }
  const video = film.querySelector("video");
  const width = Math.max(240, place.clientWidth < NARROW ? place.clientWidth : (place.clientWidth - GAP) / 2);
  const panels = [curves("Joints [rad]", motion.time_s, JOINTS, motion.joints, [], width)];
  if (motion.trial) {
    panels.push(curves("Tip [m]", motion.time_s, TIP, motion.trial.tip, motion.demonstration?.tip ?? [], width));
  }
  place.replaceChildren(...panels.map(({ svg }) => svg));
  if (motion.demonstration) place.append(legend());
  const dot = motion.trial?.picture ? overlay(film, motion) : null;
  follow(card, video, motion.time_s, (at) => {
    for (const { cursor, x } of panels) {
      cursor.setAttribute("x1", x(motion.time_s[at]));
      cursor.setAttribute("x2", x(motion.time_s[at]));
    }
    if (dot) {
      const [u, v] = motion.trial.picture[at];
      dot.setAttribute("cx", u * 400);
      dot.setAttribute("cy", v * 300);
    }
  });
}

function curves(title, time, names, columns, demonstrated, width) {
  const svg = drawing(width, HEIGHT, `${title} over time: ${names.join(", ")}`);
  const all = [...columns, ...demonstrated].flat();
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = scale([0, time[time.length - 1] || 1], [MARGIN.left, width - MARGIN.right]);
  const y = scale([low, high > low ? high : low + 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const path = (column) => column.map((value, at) => `${at ? "L" : "M"}${x(time[Math.min(at, time.length - 1)]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  svg.append(words(title, MARGIN.left, 11, "review-title"), words(high.toFixed(1), MARGIN.left - 5, MARGIN.top + 8, "tick tick--left"), words(low.toFixed(1), MARGIN.left - 5, HEIGHT - MARGIN.bottom, "tick tick--left"));
  for (const column of demonstrated) svg.append(element("path", { class: "review-curve review-curve--shown", d: path(column.slice(0, time.length)) }));
  columns.forEach((column, place) => {
    const line = element("path", { class: `review-curve review-curve--${place % 4}`, d: path(column) });
    line.append(element("title", {}, names[place]));
    svg.append(line);
  });
  const cursor = element("line", { class: "review-cursor", y1: MARGIN.top, y2: HEIGHT, x1: MARGIN.left, x2: MARGIN.left });
  svg.append(cursor);
  return { svg, cursor, x };
}

function overlay(film, motion) {
  const svg = element("svg", { class: "tip-overlay", viewBox: "0 0 400 300", "aria-hidden": "true" });
  const line = (picture, look) => element("polyline", { class: look, points: picture.map(([u, v]) => `${(u * 400).toFixed(1)},${(v * 300).toFixed(1)}`).join(" ") });
  if (motion.demonstration?.picture) svg.append(line(motion.demonstration.picture, "tip-line tip-line--shown"));
  svg.append(line(motion.trial.picture, "tip-line"));
  const dot = element("circle", { class: "tip-dot", r: 4, cx: -9, cy: -9 });
  svg.append(dot);
  film.append(svg);
  return dot;
}

function legend() {
  const note = document.createElement("p");
  note.className = "review-legend";
  note.textContent = "Grey: the demonstration in this region.";
  return note;
}

/** Calls `at` with the place in `time` that the film shows, for as long as the card is there. */
function follow(card, video, time, at) {
  const every = time[1] - time[0] || 1;
  const look = () => {
    if (!card.isConnected) {
      card.querySelectorAll(".review, .tip-overlay").forEach((drawn) => drawn.remove()); // anew if it comes back
      return;
    }
    at(Math.min(time.length - 1, Math.max(0, Math.round(video.currentTime / every))));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
