// A row of bars for each of several (operators, cells), day by day, all rows on one scale.

import { drawing, element, words } from "./svg_element.js";
import { textWidth } from "./text_width.js";

const ROW = 62;
const BAR_ROOM = 44; // of a row's height
const TOP = 26;
const BOTTOM = 44;
const RIGHT = 8;
const NAME_GAP = 14;
const DAY_LABEL = 74; // room that one written day needs

/** @returns {number} width of the column of names */
function nameWidth(figure) {
  const longest = figure.rows.flatMap((row) => [textWidth(row.title, 13, 600), textWidth(row.total, 12), textWidth(row.note, 12)]);
  return Math.min(Math.max(60, ...longest) + NAME_GAP, 320);
}

function dayAxis(figure, left, slot, y) {
  const every = Math.max(1, Math.ceil(DAY_LABEL / slot));
  return figure.days.flatMap((day, place) =>
    (figure.days.length - 1 - place) % every ? [] : [words(day.slice(5), left + (place + 0.5) * slot, y, "tick")],
  );
}

function barLines(row, bar) {
  return [`${row.title}${row.note ? `, ${row.note}` : ""}`, bar.day, bar.told];
}

function bars(figure, row, rowPlace, left, base, slot, marks) {
  return row.bars.flatMap((bar, place) => {
    if (bar.value === null) return [];
    const text = barLines(row, bar);
    const height = Math.max(1.5, (bar.value / figure.greatest) * BAR_ROOM);
    const x = left + place * slot;
    const gap = Math.min(2, slot * 0.15);
    const group = element(
      "g",
      { class: "day-bar", role: "img", "aria-label": text.join(". ") },
      element("rect", { class: row.note ? "bar bar--simulated" : "bar", x: x + gap / 2, y: base - height, width: Math.max(1, slot - gap), height }),
      element("rect", { class: "touch", x, y: base - BAR_ROOM - 4, width: slot, height: BAR_ROOM + 6 }),
    );
    marks.push({ node: group, lines: text, row: rowPlace, column: place });
    return [group];
  });
}

/**
 * @param {object} figure as the server gives it
 * @param {number} width in pixels
 * @returns {{svg: SVGElement, marks: object[]}} the chart, and its marks with what they tell
 */
export function dayBars(figure, width) {
  const marks = [];
  const height = TOP + Math.max(1, figure.rows.length) * ROW + BOTTOM;
  const svg = drawing(width, height, `${figure.quantity} by day`);
  if (!figure.rows.length) {
    svg.append(words("Nothing in this time: look further back, or show all", width / 2, height / 2, "nothing"));
    return { svg, marks };
  }
  const left = nameWidth(figure);
  const slot = (width - left - RIGHT) / figure.days.length;
  const top = Number(figure.greatest.toPrecision(3));
  svg.append(words(`top of each row: ${top} ${figure.unit}`, width - RIGHT, 12, "tick tick--left"));
  figure.rows.forEach((row, place) => {
    const base = TOP + (place + 1) * ROW - 10;
    svg.append(
      element("line", { class: "grid", x1: left, x2: width - RIGHT, y1: base - BAR_ROOM, y2: base - BAR_ROOM }),
      element("line", { class: "day-base", x1: left, x2: width - RIGHT, y1: base, y2: base }),
      words(row.title, 0, base - 28, "row-title"),
      words(row.total, 0, base - 12, "row-note"),
      ...(row.note ? [words(row.note, 0, base + 3, "row-note row-note--simulated")] : []),
      ...bars(figure, row, place, left, base, slot, marks),
    );
  });
  svg.append(...dayAxis(figure, left, slot, height - 24), words("day (UTC)", left + (width - left) / 2, height - 6, "axis-title"));
  return { svg, marks };
}
