// Joints 1 to 7 over time while they are recorded: one line each, as high as it moved.

import { element, words } from "./svg_element.js";

const WIDTH = 320;
const ROW = 24;
const LEFT = 16;
const LEAST_SPAN = 0.2; // rad: an arm at rest draws a straight line, not its noise
const LEAST_S = 10;

export class LiveJointCurves {
  /** @param {SVGElement} place an empty svg */
  constructor(place) {
    this.place = place;
    this.clear();
  }

  clear() {
    this.times = [];
    this.joints = [];
    this.place.replaceChildren();
  }

  /**
   * @param {number} time since the start of the recording [s]
   * @param {number[]} joints [rad]
   */
  add(time, joints) {
    if (this.times.length && time <= this.times.at(-1)) return;
    this.times.push(time);
    this.joints.push(joints);
    this.#draw();
  }

  #draw() {
    const count = this.joints[0].length;
    if (this.place.childElementCount !== 2 * count) this.#prepare(count);
    const until = Math.max(LEAST_S, this.times.at(-1));
    this.place.querySelectorAll("polyline").forEach((line, joint) => {
      const values = this.joints.map((row) => row[joint]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const span = Math.max(LEAST_SPAN, high - low);
      const middle = (low + high) / 2;
      const points = values.map((value, index) => {
        const x = LEFT + (this.times[index] / until) * (WIDTH - LEFT);
        const y = ROW * (joint + 0.5) - ((value - middle) / span) * (ROW - 6);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      });
      line.setAttribute("points", points.join(" "));
    });
  }

  #prepare(count) {
    this.place.setAttribute("viewBox", `0 0 ${WIDTH} ${ROW * count}`);
    const rows = Array.from({ length: count }, (_, joint) => [
      words(String(joint + 1), 0, ROW * (joint + 0.5) + 4, "live-curve-name"),
      element("polyline", { class: "live-curve" }),
    ]);
    this.place.replaceChildren(...rows.flat());
  }
}
