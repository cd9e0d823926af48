// Reads the angles of a motion under the pointer, or with the arrow keys, on a hair line.

import { angleLines } from "./trajectory_chart.js";

const KEY_STEP = 5; // rows, a tenth of a second

/** Let the panels of a trajectory chart tell their values through a tooltip. */
export function readAngles(figure, panels, tooltip, frame) {
  for (const { node, hair, joint, x, times, left, right } of panels) {
    let at = 0;
    const read = (row) => {
      at = Math.max(0, Math.min(times.length - 1, row));
      const place = x(times[at]);
      hair.setAttribute("x1", place);
      hair.setAttribute("x2", place);
      hair.setAttribute("visibility", "visible");
      const lines = angleLines(figure, joint, at);
      node.setAttribute("aria-label", lines.join(". "));
      const room = frame.getBoundingClientRect();
      const drawn = node.ownerSVGElement.getBoundingClientRect();
      const ratio = drawn.width / node.ownerSVGElement.viewBox.baseVal.width;
      tooltip.show(lines, drawn.left - room.left + place * ratio, hair.getBoundingClientRect().top - room.top);
    };
    const leave = () => {
      hair.setAttribute("visibility", "hidden");
      tooltip.hide();
    };
    node.addEventListener("pointermove", (event) => {
      const drawn = node.ownerSVGElement.getBoundingClientRect();
      const place = ((event.clientX - drawn.left) / drawn.width) * node.ownerSVGElement.viewBox.baseVal.width;
      read(Math.round(((place - left) / (right - left)) * (times.length - 1)));
    });
    node.addEventListener("keydown", (event) => {
      const step = { ArrowRight: KEY_STEP, ArrowLeft: -KEY_STEP }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      read(at + step);
    });
    node.addEventListener("pointerleave", leave);
    node.addEventListener("blur", leave);
  }
}
