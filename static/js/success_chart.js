// Success per iteration as k/n with Wilson intervals (H-NDP Fig. 6).

import { scale } from "./axis.js";
import { drawing, element, words } from "./svg_element.js";
import { textWidth } from "./text_width.js";

const HEIGHT = 370;
const MARGIN = { left: 48, right: 14, top: 44, bottom: 76 };
const LABELLED_SLOT = 84; // narrower ones have no room for k/n beside the points
const RATES = [0, 0.25, 0.5, 0.75, 1];
const LOW = 0.08; // a rate under which there is no room for k/n below the point
const RADIUS = 6;
const COUNT_WIDTH = 46; // of "18/18" and its distance from the point

const percent = (rate) => `${Math.round(rate * 100)} %`;

/** @returns {string[]} what is known of one point, line by line */
export function pointLines(series, point) {
  const lines = [`${series.title}, iteration ${point.iteration}`];
  if (point.trials) {
    lines.push(`${point.successes}/${point.trials} successful, ${percent(point.rate)}`);
    lines.push(`95 % interval ${percent(point.low)} to ${percent(point.high)}`);
    if (point.few) lines.push("fewer than 10 trials");
  } else {
    lines.push("no counted trial");
  }
  if (point.unlabelled) lines.push(`${point.unlabelled} not labelled yet`);
  if (point.invalid) lines.push(`${point.invalid} invalid, not counted`);
  if (point.pending) lines.push(`${point.pending} not run yet`);
  return lines;
}

function marker(series, x, y, look) {
  if (series.split === "train") return element("circle", { class: look, cx: x, cy: y, r: RADIUS });
  const r = RADIUS * 1.25;
  return element("path", { class: look, d: `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z` });
}

const look = (series) => `series series--${series.split}${series.simulated ? "" : " series--real"}`;

function legend(figure, x) {
  const drawn = [];
  for (const series of figure.series) {
    drawn.push(element("line", { class: `${look(series)} series-line`, x1: x, x2: x + 30, y1: 16, y2: 16 }));
    drawn.push(marker(series, x + 15, 16, `${look(series)} series-mark`));
    drawn.push(words(series.title, x + 38, 20, "legend"));
    x += 66 + textWidth(series.title);
  }
  return drawn;
}

function axes(x, y, width, iterations) {
  const drawn = RATES.flatMap((rate) => [
    element("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(rate), y2: y(rate) }),
    words(percent(rate), MARGIN.left - 8, y(rate) + 4, "tick tick--left"),
  ]);
  const every = Math.max(1, Math.ceil((iterations * 26) / (width - MARGIN.left - MARGIN.right)));
  for (let n = 1; n <= iterations; n += every) drawn.push(words(String(n), x(n), HEIGHT - MARGIN.bottom + 20, "tick"));
  drawn.push(words("Iteration", (MARGIN.left + width - MARGIN.right) / 2, HEIGHT - 6, "axis-title"));
  return drawn;
}

function lines(series, at, y) {
  return series.points.slice(1).flatMap((point, place) => {
    const before = series.points[place];
    if (!point.trials || !before.trials) return [];
    const grey = point.few || before.few ? " series--few" : "";
    return [
      element("line", {
        class: `${look(series)} series-line${grey}`,
        x1: at(before.iteration), y1: y(before.rate), x2: at(point.iteration), y2: y(point.rate),
      }),
    ];
  });
}

/** Where a finger or pointer finds a point: around its interval and its k/n. */
function touchArea(x, top, bottom, side) {
  const [before, after] = [side < 0 ? COUNT_WIDTH : 13, side > 0 ? COUNT_WIDTH : 13];
  return element("rect", { class: "touch", x: x - before, y: top - 4, width: before + after, height: bottom - top + 8 });
}

function mark(series, point, x, y, side, labelled, marks) {
  const text = pointLines(series, point);
  const grey = point.few ? " series--few" : "";
  const group = element("g", { class: `point ${look(series)}${grey}`, role: "img", "aria-label": text.join(". ") });
  const [top, bottom] = [y(point.high), y(point.low)];
  group.append(
    element("path", { class: "interval", d: `M${x} ${top}V${bottom}M${x - 5} ${top}h10M${x - 5} ${bottom}h10` }),
    marker(series, x, y(point.rate), "series-mark"),
    touchArea(x, top, bottom, labelled ? side : 0),
  );
  if (labelled) {
    const below = side > 0 && point.rate > LOW; // off the lines, which mostly rise
    const place = { "text-anchor": side < 0 ? "end" : "start" };
    group.append(words(`${point.successes}/${point.trials}`, x + side * 8, y(point.rate) + (below ? 18 : -9), "count", place));
  }
  marks.push({ node: group, lines: text, row: side, column: point.iteration });
  return group;
}

function unlabelledNotes(figure, x, slot) {
  const owed = new Map();
  for (const point of figure.series.flatMap((series) => series.points)) {
    owed.set(point.iteration, (owed.get(point.iteration) ?? 0) + point.unlabelled);
  }
  return [...owed].filter(([, count]) => count).flatMap(([iteration, count]) => {
    const y = HEIGHT - MARGIN.bottom + 36;
    if (slot < 44) return [words(`${count} ?`, x(iteration), y, "owed")];
    if (slot < 116) return [words(`${count} not`, x(iteration), y, "owed"), words("labelled yet", x(iteration), y + 13, "owed")];
    return [words(`${count} not labelled yet`, x(iteration), y, "owed")];
  });
}

/**
 * @param {object} figure as the server gives it
 * @param {number} width in pixels
 * @returns {{svg: SVGElement, marks: object[]}} the chart, and its marks with what they tell
 */
export function successChart(figure, width) {
  const svg = drawing(width, HEIGHT, "Success rate per iteration");
  const reached = figure.series.flatMap((series) => series.points.map((point) => point.iteration));
  const iterations = Math.max(figure.planned_iterations, ...reached);
  const slot = (width - MARGIN.left - MARGIN.right) / iterations;
  const x = (iteration) => MARGIN.left + slot * (iteration - 0.5);
  const y = scale([0, 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const dodge = Math.min(9, slot * 0.14);
  const marks = [];
  svg.append(...legend(figure, MARGIN.left), ...axes(x, y, width, iterations));
  const placed = figure.series.map((series, place) => {
    const shift = figure.series.length > 1 ? (place / (figure.series.length - 1) - 0.5) * 2 * dodge : 0;
    return { series, at: (iteration) => x(iteration) + shift, side: shift < 0 ? -1 : 1 };
  });
  for (const { series, at } of placed) svg.append(...lines(series, at, y));
  for (const { series, at, side } of placed) {
    for (const point of series.points.filter((each) => each.trials)) {
      svg.append(mark(series, point, at(point.iteration), y, side, slot >= LABELLED_SLOT, marks));
    }
  }
  svg.append(...unlabelledNotes(figure, x, slot));
  if (!marks.length) {
    svg.append(words("No trial is labelled yet", (MARGIN.left + width) / 2, HEIGHT / 2, "nothing"));
  }
  return { svg, marks };
}
