// Loss curves of one iteration: the newest one live, or one that was chosen.
import { colour } from "./colours.js";

const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];
const HEIGHT = 170;

const section = document.getElementById("curves");
const place = section.querySelector("[data-charts]");
const charts = [];
let live = { iterations: [], iteration: null, steps: [] };
let chosen = null;
let shown = null;

section.querySelector("[sse-swap=curves]").addEventListener("htmx:sseBeforeMessage", (event) => {
  event.preventDefault();
  live = JSON.parse(event.detail.data);
  drawChoices();
  if (chosen === null) draw(live);
});

document.addEventListener("theme-changed", () => shown && draw(shown));
new ResizeObserver(() => charts.forEach((each) => each.setSize({ width: each.root.parentElement.clientWidth, height: HEIGHT }))).observe(place);

function drawChoices() {
  const box = section.querySelector("[data-choices]");
  const numbers = live.iterations;
  box.hidden = numbers.length < 2;
  if (box.dataset.numbers === numbers.join()) return;
  box.dataset.numbers = numbers.join();
  box.replaceChildren(...numbers.map((number) => choice(number, number === numbers.at(-1))));
}

function choice(number, newest) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small-button";
  button.textContent = newest ? `Iteration ${number}, newest` : `${number}`;
  if (!newest) button.setAttribute("aria-label", `Iteration ${number}`);
  button.setAttribute("aria-pressed", String(newest ? chosen === null : chosen === number));
  button.addEventListener("click", async () => {
    chosen = newest ? null : number;
    for (const each of button.parentElement.children) each.setAttribute("aria-pressed", String(each === button));
    draw(newest ? live : await (await fetch(`${section.dataset.curves}${number}/curves.json`)).json());
  });
  return button;
}

function draw(curves) {
  shown = curves;
  section.querySelector("[data-empty]").hidden = curves.steps.length > 0;
  charts.splice(0).forEach((each) => each.destroy());
  place.replaceChildren(...curves.steps.map((step) => figure(curves.iteration, step)));
  curves.steps.forEach((step, at) => charts.push(chart(step, place.children[at].querySelector(".chart"))));
}

function figure(iteration, step) {
  const figure = document.createElement("figure");
  figure.className = "figure";
  const caption = document.createElement("figcaption");
  caption.textContent = `${step.title}, iteration ${iteration}`;
  const box = document.createElement("div");
  box.className = "chart";
  figure.append(caption, box);
  return figure;
}

/** One chart of a training: training steps across, each loss upwards on a logarithmic scale. */
function chart(step, box) {
  const names = [...new Set(step.points.flatMap((point) => Object.keys(point)))].filter((name) => name !== "at");
  const columns = names.map((name) => step.points.map((point) => (point[name] > 0 ? point[name] : null)));
  const drawn = names.filter((_, at) => columns[at].some((value) => value !== null));
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--chart-grid"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const options = {
    width: box.clientWidth || 320,
    height: HEIGHT,
    scales: { x: { time: false }, y: { distr: 3 } },
    cursor: { y: false },
    axes: [
      { ...axis, size: 26 },
      { ...axis, size: 48, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : tick.toExponential(0))) },
    ],
    series: [
      { label: "training step", value: (_, at) => at ?? "–" },
      ...drawn.map((name, at) => ({
        label: name,
        stroke: colour(`--series-${(at % 4) + 1}`),
        width: 2,
        dash: DASHES[at % DASHES.length],
        points: { show: false },
        value: (_, value) => (value === null || value === undefined ? "–" : value.toPrecision(3)),
      })),
    ],
  };
  const data = [step.points.map((point) => point.at), ...drawn.map((name) => columns[names.indexOf(name)])];
  return new window.uPlot(options, data, box);
}
