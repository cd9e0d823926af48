// Demonstration, local and global trajectory of a region over each other (H-NDP Fig. 3).

import { scale, ticks } from "./axis.js";
import { drawing, element, words } from "./svg_element.js";
import { textWidth } from "./text_width.js";

const PANEL_WIDTH = 270; // at least, of a small multiple
const HEAD = 34;
const MARGIN = { left: 50, right: 12, top: 26, bottom: 38 };
const LEAST_SPAN = { deg: 6, rad: 0.1 }; // a joint that hardly moves is not blown up to fill its panel
const UNITS = { deg: "°", rad: "rad" };

function bounds(curves, joint, unit) {
  const angles = curves.flatMap((curve) => curve.joints[joint]);
  const [low, high] = [Math.min(...angles), Math.max(...angles)];
  const span = Math.max((high - low) * 1.08, LEAST_SPAN[unit]);
  const middle = (low + high) / 2;
  return [middle - span / 2, middle + span / 2];
}

function path(curve, joint, x, y) {
  return curve.time_s.map((time, at) => `${at ? "L" : "M"}${x(time).toFixed(1)} ${y(curve.joints[joint][at]).toFixed(1)}`).join("");
}

const signed = (text) => text.replace("-", "−");

/** @returns {string[]} the angles of a joint at one time, line by line */
export function angleLines(figure, joint, at) {
  const known = figure.curves.filter((curve) => at < curve.time_s.length);
  return [
    `Joint ${joint + 1} at ${known[0].time_s[at].toFixed(2)} s`,
    ...known.map((curve) => `${curve.title} ${signed(curve.joints[joint][at].toFixed(figure.unit === "deg" ? 1 : 3))} ${UNITS[figure.unit]}`),
  ];
}

function panel(figure, joint, left, top, width, height, panels) {
  const times = figure.curves.reduce((longest, curve) => (curve.time_s.length > longest.length ? curve.time_s : longest), []);
  const end = times[times.length - 1];
  const range = bounds(figure.curves, joint, figure.unit);
  const [right, bottom] = [left + width - MARGIN.right, top + height - MARGIN.bottom];
  const x = scale([0, end], [left + MARGIN.left, right]);
  const y = scale(range, [bottom, top + MARGIN.top]);
  const group = element("g", { class: "panel", role: "img", tabindex: 0 });
  group.setAttribute(
    "aria-label",
    `Joint ${joint + 1}: ${figure.curves.map((curve) => curve.title).join(", ")}. Arrow keys read the angles.`,
  );
  group.append(words(`Joint ${joint + 1}`, left + MARGIN.left, top + 15, "panel-title"));
  group.append(words(`[${UNITS[figure.unit]}]`, left + MARGIN.left - 8, top + 15, "tick tick--left"));
  for (const angle of ticks(...range, height / 46)) {
    group.append(
      element("line", { class: "grid", x1: left + MARGIN.left, x2: right, y1: y(angle), y2: y(angle) }),
      words(signed(String(angle)), left + MARGIN.left - 8, y(angle) + 4, "tick tick--left"),
    );
  }
  for (const time of ticks(0, end, Math.max(4, width / 80))) group.append(words(String(time), x(time), bottom + 16, "tick"));
  group.append(words("time [s]", right, bottom + 31, "tick tick--left"));
  for (const curve of figure.curves) {
    group.append(element("path", { class: `curve curve--${curve.source}`, d: path(curve, joint, x, y) }));
  }
  const hair = element("line", { class: "hair screen-only", y1: top + MARGIN.top, y2: bottom, x1: 0, x2: 0, visibility: "hidden" });
  group.append(hair, element("rect", { class: "touch", x: left, y: top, width, height: height - 6 }));
  panels.push({ node: group, hair, joint, x, times, left: left + MARGIN.left, right });
  return group;
}

function legend(figure) {
  let x = 4;
  return figure.curves.flatMap((curve) => {
    const link = element("a", { href: curve.href, class: "curve-link" });
    link.append(
      element("line", { class: `curve curve--${curve.source}`, x1: x, x2: x + 38, y1: 14, y2: 14 }),
      words(curve.title, x + 46, 18, "legend"),
    );
    x += 74 + textWidth(curve.title);
    return [link];
  });
}

/**
 * @param {object} figure as the server gives it
 * @param {number} width in pixels
 * @param {number | null} joint to draw large, from 1; null draws all of them small
 * @returns {{svg: SVGElement, panels: object[]}} the chart, and its panels for reading values
 */
export function trajectoryChart(figure, width, joint) {
  const panels = [];
  const count = figure.curves.length ? figure.curves[0].joints.length : 0;
  const joints = joint ? [joint - 1] : Array.from({ length: count }, (_, place) => place);
  const columns = joint ? 1 : Math.max(1, Math.min(4, Math.floor(width / PANEL_WIDTH)));
  const [panelWidth, height] = [width / columns, joint ? 420 : 205];
  const rows = Math.ceil(joints.length / columns);
  const place = figure.region ? `${figure.region}, iteration ${figure.iteration ?? "–"}` : "";
  const svg = drawing(width, HEAD + rows * height, `Commanded joint angles in ${place}`);
  svg.append(...legend(figure), words(place, width - MARGIN.right, 18, "legend legend--place"));
  joints.forEach((each, at) => {
    const [left, top] = [(at % columns) * panelWidth, HEAD + Math.floor(at / columns) * height];
    svg.append(panel(figure, each, left, top, panelWidth, height, panels));
  });
  return { svg, panels };
}
