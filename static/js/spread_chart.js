// How a quantity is spread in each iteration: median, middle half and extremes; a panel for each quantity.

import { scale, ticks } from "./axis.js";
import { drawing, element, words } from "./svg_element.js";
import { textWidth } from "./text_width.js";

const PANEL = 210;
const GAP = 16;
const LEGEND = 22;
const MARGIN = { left: 62, right: 12, top: 30, bottom: 40 };
const BOX = 11;

const look = (series) => `series series--${series.split}${series.simulated ? "" : " series--real"}`;
const written = (value) => Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });

/** @returns {string[]} what is known of one point, line by line */
function pointLines(panel, series, point) {
  return [
    `${panel.title}: ${series.title}, iteration ${point.iteration}`,
    `median ${written(point.median)} ${panel.unit}, mean ${written(point.mean)}`,
    `middle half ${written(point.lower_quartile)} to ${written(point.upper_quartile)}`,
    `all ${written(point.least)} to ${written(point.greatest)}`,
    `${point.trials} ${point.trials === 1 ? "trial" : "trials"}${point.few ? ": fewer than 10" : ""}`,
  ];
}

function legend(panels) {
  const titles = new Map(panels.flatMap((panel) => panel.series.map((series) => [series.title, series])));
  let x = MARGIN.left;
  return [...titles.values()].flatMap((series) => {
    const drawn = [
      element("rect", { class: `${look(series)} spread-box`, x, y: 3, width: BOX, height: 14 }),
      words(series.title, x + BOX + 7, 15, "legend"),
    ];
    x += BOX + 24 + textWidth(series.title);
    return drawn;
  });
}

function axes(panel, x, y, [low, high], iterations, width) {
  const drawn = ticks(low, high, 4).flatMap((value) => [
    element("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
    words(written(value), MARGIN.left - 8, y(value) + 4, "tick tick--left"),
  ]);
  if (panel.limit !== null) {
    drawn.push(element("line", { class: "limit-line", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(panel.limit), y2: y(panel.limit) }));
  }
  const every = Math.max(1, Math.ceil((iterations.length * 26) / (width - MARGIN.left - MARGIN.right)));
  iterations.forEach((number, place) => {
    if (place % every === 0) drawn.push(words(String(number), x(number), y(low) + 18, "tick"));
  });
  return drawn;
}

function mark(panel, series, point, x, y, place, marks) {
  const text = pointLines(panel, series, point);
  const group = element("g", { class: `${look(series)}${point.few ? " series--few" : ""}`, role: "img", "aria-label": text.join(". ") });
  const [top, bottom] = [y(point.upper_quartile), y(point.lower_quartile)];
  group.append(
    element("path", { class: "interval", d: `M${x} ${y(point.greatest)}V${y(point.least)}` }),
    element("rect", { class: "spread-box", x: x - BOX / 2, y: top, width: BOX, height: Math.max(1.5, bottom - top) }),
    element("path", { class: "spread-median", d: `M${x - BOX / 2 - 2} ${y(point.median)}h${BOX + 4}` }),
    element("rect", { class: "touch", x: x - BOX, y: y(point.greatest) - 4, width: 2 * BOX, height: y(point.least) - y(point.greatest) + 8 }),
  );
  marks.push({ node: group, lines: text, row: place, column: point.iteration });
  return group;
}

/** The range of a panel: from zero to its greatest value, or to its limit. */
function range(panel) {
  const greatest = Math.max(...panel.series.flatMap((series) => series.points.map((point) => point.greatest)));
  return [0, Math.max(greatest, panel.limit ?? 0) * 1.05 || 1];
}

function drawPanel(panel, width, top, row, marks) {
  const iterations = [...new Set(panel.series.flatMap((series) => series.points.map((point) => point.iteration)))].sort((a, b) => a - b);
  const slot = (width - MARGIN.left - MARGIN.right) / iterations.length;
  const x = (number) => MARGIN.left + slot * (iterations.indexOf(number) + 0.5);
  const bounds = range(panel);
  const y = scale(bounds, [top + PANEL - MARGIN.bottom, top + MARGIN.top]);
  const group = element("g", {}, words(`${panel.title} [${panel.unit}]`, MARGIN.left, top + 18, "panel-title"));
  group.append(...axes(panel, x, y, bounds, iterations, width));
  const dodge = Math.min(9, slot * 0.2);
  panel.series.forEach((series, place) => {
    const shift = panel.series.length > 1 ? (place / (panel.series.length - 1) - 0.5) * 2 * dodge : 0;
    group.append(...series.points.map((point) => mark(panel, series, point, x(point.iteration) + shift, y, row + place, marks)));
  });
  return group;
}

/**
 * @param {object} figure as the server gives it
 * @param {number} width in pixels
 * @returns {{svg: SVGElement, marks: object[]}} the chart, and its marks with what they tell
 */
export function spreadChart(figure, width) {
  const marks = [];
  const height = figure.panels.length ? LEGEND + figure.panels.length * (PANEL + GAP) : 140;
  const svg = drawing(width, height, "Spread of the trials by iteration");
  if (!figure.panels.length) {
    svg.append(words(figure.nothing, width / 2, height / 2, "nothing"));
    return { svg, marks };
  }
  svg.append(...legend(figure.panels));
  figure.panels.forEach((panel, place) => {
    svg.append(drawPanel(panel, width, LEGEND + place * (PANEL + GAP), place * 10, marks));
  });
  svg.append(words("Iteration", (MARGIN.left + width - MARGIN.right) / 2, height - 6, "axis-title"));
  return { svg, marks };
}
