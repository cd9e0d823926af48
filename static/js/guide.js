// Guiding the simulated arm by hand: where the tool shall go, and the tool drawn into the picture.

import { Controls } from "./guide_controls.js";
import { GuideSession, write } from "./guide_session.js";
import { Wish } from "./guide_wish.js";

const WIDTH = 400; // of the drawing over the picture
const HEIGHT = 300;

class PointerGuide extends GuideSession {
  constructor(page, wish) {
    super(page);
    this.wish = wish;
    this.advanced = 0;
    const acts = { go: () => this.press(() => this.go()), snap: () => this.part("snap").click() };
    this.controls = new Controls(this.part("screen"), wish, acts);
    this.part("snap").addEventListener("change", ({ target }) => (wish.snapped = target.checked));
    this.part("height").addEventListener("input", ({ target }) => wish.set(2, Number(target.value)));
    this.part("tilt").addEventListener("input", ({ target }) => wish.set(3, Number(target.value)));
    document.addEventListener("keydown", (event) => this.snapByKey(event));
  }

  snapByKey(event) {
    const typing = event.target.matches?.("input:not([type=range], [type=checkbox]), textarea, select");
    if (event.key.toLowerCase() !== "s" || event.repeat || event.ctrlKey || event.metaKey || typing) return;
    if (!this.part("controls").disabled) this.part("snap").click();
  }

  advance() {
    const now = performance.now();
    this.controls.advance((now - this.advanced) / 1000);
    this.advanced = now;
  }

  wished() {
    this.showWish();
    return this.wish.next();
  }

  heard(state) {
    if (state.phase === "recording") this.wish.hear(state);
  }

  begun(state) {
    this.wish.begin(state);
    this.part("snap").checked = false;
    const [low, high] = state.room;
    for (const [name, axis] of [["height", 2], ["tilt", 3]]) {
      Object.assign(this.part(name), { min: low[axis], max: high[axis] });
    }
    this.showWish();
  }

  shown(state) {
    const recording = state.phase === "recording";
    this.controls.on = recording;
    this.part("controls").disabled = !recording;
    write(this.part("clock-note"), recording && state.waits ? "waits while the arm rests" : "");
    write(this.part("outcome"), outcome(state));
    this.draw(state);
  }

  showWish() {
    const [, , height, tilt] = this.wish.pose;
    this.part("height").value = height;
    this.part("tilt").value = tilt;
    write(this.part("height-said"), `${(100 * height).toFixed(1)} cm`);
    write(this.part("tilt-said"), `${Math.round((180 / Math.PI) * tilt)}°`);
  }

  draw({ handle, foot }) {
    this.part("mark").toggleAttribute("hidden", !handle);
    if (!handle) return;
    const [x, y, footX, footY] = [handle[0] * WIDTH, handle[1] * HEIGHT, foot[0] * WIDTH, foot[1] * HEIGHT];
    place(this.part("handle"), { cx: x, cy: y });
    place(this.part("foot"), { cx: footX, cy: footY });
    place(this.part("plumb"), { x1: x, y1: y, x2: footX, y2: footY });
  }
}

/** What the physics says at this moment, in words. */
function outcome({ measures, success }) {
  if (!measures) return "";
  const facts = Object.entries(measures).map(([name, value]) => fact(name, value));
  return `${success ? "Done, says the physics: " : ""}${facts.join(", ")}`;
}

function fact(name, value) {
  if (name.endsWith("_m")) return `${name.slice(0, -2).replaceAll("_", " ")} ${(100 * value).toFixed(1)} cm`;
  return `${name.replaceAll("_", " ")} ${value < 0 ? "none" : value}`;
}

function place(element, values) {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value.toFixed(1));
}

const page = document.getElementById("guide");
if (page) new PointerGuide(page, new Wish());
