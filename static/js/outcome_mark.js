// One judged trial as a mark: a shape, a letter and a colour, so that a greyscale print tells the same.

import { element, words } from "./svg_element.js";

export const OUTCOMES = {
  success: { letter: "S", title: "success" },
  failure: { letter: "F", title: "failure" },
  invalid: { letter: "I", title: "invalid, to be run again" },
  unlabelled: { letter: "?", title: "not labelled yet" },
  pending: { letter: "", title: "not run yet" },
  cancelled: { letter: "–", title: "not run: cancelled" },
};

function shape(state, x, y, r) {
  const look = { class: `mark mark--${state}` };
  if (state === "success") return element("circle", { ...look, cx: x, cy: y, r });
  if (state === "failure") return element("rect", { ...look, x: x - r * 0.9, y: y - r * 0.9, width: r * 1.8, height: r * 1.8 });
  if (state === "invalid") {
    const points = [[0, -1.15], [1.1, 0.8], [-1.1, 0.8]].map(([dx, dy]) => `${x + dx * r},${y + dy * r}`);
    return element("polygon", { ...look, points: points.join(" ") });
  }
  if (state === "pending" || state === "cancelled") return element("circle", { ...look, cx: x, cy: y, r: r * 0.3 });
  return element("circle", { ...look, cx: x, cy: y, r });
}

/** @returns {Node[]} the mark of a trial in this state, around a point */
export function outcomeMark(state, x, y, r) {
  const { letter } = OUTCOMES[state];
  const drawn = [shape(state, x, y, r)];
  if (letter && state !== "cancelled") {
    drawn.push(words(letter, x, y + r * (state === "invalid" ? 0.5 : 0.38), `mark-letter mark-letter--${state}`));
  }
  return drawn;
}

/** @returns {Node[]} a gate: filled with 1 where it is open, outlined with 0 where it is closed */
export function gateMark(gate, outdated, x, y, size) {
  const kind = gate ? "open" : "closed";
  const drawn = [
    element("rect", { class: `gate gate--${kind}`, x, y: y - size / 2, width: size, height: size, rx: 2 }),
    words(String(gate), x + size / 2, y + size * 0.3, `gate-number gate-number--${kind}`),
  ];
  if (outdated) drawn.push(words("!", x + size + 3, y - size * 0.1, "gate-outdated"));
  return drawn;
}

/** @returns {Node[]} a small path: a line where there is a demonstration, dots where one is owed */
export function demonstrationMark(there, x, y) {
  const kind = there ? "there" : "owed";
  return [element("path", { class: `demonstration demonstration--${kind}`, d: `M${x - 6} ${y + 4}q3 -12 6 -4t6 -4` })];
}
