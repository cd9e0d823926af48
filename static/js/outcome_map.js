// Outcomes and gates, a row for each region and a column for each iteration; held-out regions stand apart.

import { OUTCOMES, demonstrationMark, gateMark, outcomeMark } from "./outcome_mark.js";
import { drawing, element, words } from "./svg_element.js";
import { textWidth } from "./text_width.js";

const ROW = 27;
const RADIUS = 10;
const MARK = 25;
const GATE = 15;
const NAME = 58;
const DEMONSTRATION = 43; // from the left: the mark of the demonstration, behind the name
const HEAD = 42;
const GAP = 20;
const LEGEND_ROW = 26;

const TITLES = { train: "Train regions", held_out: "Held-out regions" };

/** @returns {string} a region, with what it is about where its place does not say it */
function named(row) {
  return row.subject ? `${row.region} (${row.subject})` : row.region;
}

/** @returns {string[]} what is known of one trial, line by line */
export function trialLines(row, cell, trial, repeats) {
  const outcome = OUTCOMES[trial.state].title;
  const lines = [`${named(row)}, iteration ${cell.iteration}${repeats > 1 ? `, trial ${trial.repeat} of ${repeats}` : ""}`];
  lines.push(outcome[0].toUpperCase() + outcome.slice(1));
  if (trial.author) {
    lines.push(`labelled by ${trial.author}, ${new Date(trial.labelled_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`);
  }
  if (trial.attempt > 1) lines.push(`run ${trial.attempt}: the one before was invalid`);
  if (cell.gate !== null) lines.push(cell.gate ? "gate open (1)" : "gate closed (0)");
  else if (row.gated) lines.push("no gate yet");
  if (cell.gate_outdated) lines.push("a label was changed after the gate was set: the gate is outdated");
  lines.push(trial.simulated ? "simulated robot" : "real robot");
  return lines;
}

function trialLink(row, cell, trial, repeats, x, y, marks, order) {
  const text = trialLines(row, cell, trial, repeats);
  const link = element(
    "a",
    { href: `/trials/${trial.trial_id}`, class: "trial", "aria-label": text.join(". ") },
    element("rect", { class: "touch", x: x - MARK / 2, y: y - ROW / 2, width: MARK, height: ROW }),
    ...outcomeMark(trial.state, x, y, RADIUS),
  );
  marks.push({ node: link, lines: text, ...order });
  return link;
}

function demonstrationLink(row, x, y) {
  const there = row.demonstration !== null;
  const text = there ? `Demonstration in ${named(row)}` : `No accepted demonstration in ${named(row)}`;
  const mark = element("g", {}, element("title", {}, text), ...demonstrationMark(there, x, y));
  return there ? element("a", { href: `/demonstrations/${row.demonstration}`, "aria-label": text }, mark) : mark;
}

/** Room beside the trials of one cell, for the gate where there are some. */
function gateRoom(rows) {
  return rows[0].gated ? GATE + 8 : 6;
}

function blockWidth(rows, iterations, repeats) {
  const marks = NAME + iterations.length * (repeats * MARK + gateRoom(rows));
  return Math.max(marks, textWidth(TITLES[rows[0].split], 13, 600));
}

function block(rows, iterations, repeats, left, top, marks, placing) {
  const column = repeats * MARK + gateRoom(rows);
  const group = element("g", {}, words(TITLES[rows[0].split], left, top + 13, "block-title"));
  iterations.forEach((number, place) => {
    group.append(words(String(number), left + NAME + place * column + (repeats * MARK) / 2, top + 34, "tick"));
  });
  rows.forEach((row, place) => {
    const y = top + HEAD + (place + 0.5) * ROW;
    if (place % 2 === 0) {
      group.append(element("rect", { class: "band", x: left, y: y - ROW / 2, width: NAME + iterations.length * column, height: ROW, rx: 3 }));
    }
    const name = element("a", { href: `?region=${row.region_id}#trajectories`, class: "region", "data-region": row.region_id });
    name.append(
      element("title", {}, `Trajectories in ${named(row)}: x ${row.x_m.toFixed(3)} m, y ${row.y_m.toFixed(3)} m`),
      words(row.region, left + 6, y + 4, "region-name"),
    );
    group.append(name);
    if (row.split === "train") group.append(demonstrationLink(row, left + DEMONSTRATION, y));
    row.cells.forEach((cell, cellPlace) => {
      const x = left + NAME + cellPlace * column;
      cell.trials.forEach((trial, trialPlace) => {
        const order = { row: placing.row + place, column: placing.column + cellPlace * repeats + trialPlace };
        group.append(trialLink(row, cell, trial, repeats, x + (trialPlace + 0.5) * MARK, y, marks, order));
      });
      if (cell.gate !== null) group.append(...gateMark(cell.gate, cell.gate_outdated, x + repeats * MARK + 1, y, GATE));
    });
  });
  return { group, width: blockWidth(rows, iterations, repeats), height: HEAD + rows.length * ROW };
}

function legend(figure, top, width) {
  const trials = figure.rows.flatMap((row) => row.cells.flatMap((cell) => cell.trials));
  const states = Object.keys(OUTCOMES).filter((state) => trials.some((trial) => trial.state === state));
  const entries = states.map((state) => ({ title: OUTCOMES[state].title, draw: (x, y) => outcomeMark(state, x + 10, y, 9) }));
  if (figure.rows.some((row) => row.demonstration !== null)) {
    entries.push({ title: "demonstration", draw: (x, y) => demonstrationMark(true, x + 12, y) });
  }
  if (figure.rows.some((row) => row.split === "train" && row.demonstration === null)) {
    entries.push({ title: "no demonstration", draw: (x, y) => demonstrationMark(false, x + 12, y) });
  }
  if (figure.rows.some((row) => row.gated)) {
    entries.push({ title: "gate open", draw: (x, y) => gateMark(1, false, x + 2, y, GATE) });
    entries.push({ title: "gate closed", draw: (x, y) => gateMark(0, false, x + 2, y, GATE) });
  }
  if (figure.rows.some((row) => row.cells.some((cell) => cell.gate_outdated))) {
    entries.push({ title: "gate outdated", draw: (x, y) => gateMark(0, true, x + 2, y, GATE) });
  }
  const drawn = [];
  let [x, y] = [0, top + LEGEND_ROW / 2];
  for (const { title, draw } of entries) {
    const length = 46 + textWidth(title);
    if (x > 0 && x + length > width) [x, y] = [0, y + LEGEND_ROW];
    drawn.push(...draw(x, y), words(title, x + 27, y + 4, "legend"));
    x += length;
  }
  return { drawn, bottom: y + LEGEND_ROW / 2 };
}

/**
 * @param {object} figure as the server gives it
 * @param {number} width in pixels that there is room for
 * @returns {{svg: SVGElement, marks: object[]}} the map, and its marks with what they tell
 */
export function outcomeMap(figure, width) {
  const marks = [];
  const groups = [];
  let [left, top, reached, bottom] = [0, 0, 0, 0];
  const placing = { row: 0, column: 0 };
  for (const split of ["train", "held_out"]) {
    const rows = figure.rows.filter((row) => row.split === split);
    if (!rows.length) continue;
    const repeats = Math.max(1, ...rows.flatMap((row) => row.cells.map((cell) => cell.trials.length)));
    const needed = blockWidth(rows, figure.iterations, repeats);
    if (left > 0 && left + needed > width) {
      [left, top] = [0, bottom + GAP];
      Object.assign(placing, { row: figure.rows.length, column: 0 });
    }
    const made = block(rows, figure.iterations, repeats, left, top, marks, { ...placing });
    groups.push(made.group);
    left += made.width + GAP;
    placing.column += figure.iterations.length * repeats;
    reached = Math.max(reached, left - GAP);
    bottom = Math.max(bottom, top + made.height);
  }
  const full = Math.max(reached, Math.min(width, 420));
  const key = legend(figure, bottom + 14, full);
  const svg = drawing(full, key.bottom + 4, "Outcomes and gates by region and iteration");
  svg.append(...groups, ...key.drawn);
  return { svg, marks };
}
