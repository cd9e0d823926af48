// Seven charts of joint positions over time with one cursor: <div data-joint-curves="/.../curves.json">.

import { colour } from "./colours.js";

const HEIGHT = 112;
const MARGIN = 0.15; // rad beyond the limits
const CURSOR = "joints";
const DASHED = [6, 4];
const SERIES = {
  commanded: { meaning: "commanded", stroke: "--series-1" },
  prepared: { meaning: "as the arm will execute it", stroke: "--series-1" },
  measured: { meaning: "measured", stroke: "--series-2", dash: [3, 3] },
  fitted: { meaning: "fitted primitive", stroke: "--series-3", dash: [8, 3] },
};

function drawAll() {
  for (const place of document.querySelectorAll("[data-joint-curves]:not([data-drawn])")) draw(place);
}

async function draw(place) {
  place.dataset.drawn = "yes";
  const answer = await fetch(place.dataset.jointCurves, { headers: { Accept: "application/json" } });
  const curves = await answer.json();
  if (!answer.ok) {
    place.textContent = curves.error;
    return;
  }
  const charts = () => {
    const names = Object.keys(SERIES).filter((name) => name in curves);
    place.replaceChildren(legend(names));
    return curves.limits.map((_, joint) => chart(place, curves, names, joint));
  };
  let drawn = charts();
  const redraw = () => {
    drawn.forEach((each) => each.destroy());
    drawn = charts();
  };
  document.addEventListener("theme-changed", redraw);
  new ResizeObserver(() =>
    drawn.forEach((each) => each.width !== place.clientWidth && each.setSize({ width: place.clientWidth, height: HEIGHT })),
  ).observe(place);
}

function chart(place, curves, names, joint) {
  const { time_s: time, limits } = curves;
  const columns = names.map((name) => curves[name][joint]);
  const stage = document.createElement("div");
  stage.className = "joint";
  const title = document.createElement("h4");
  title.textContent = `Joint ${joint + 1}`;
  const told = document.createElement("output");
  const head = document.createElement("header");
  head.append(title, told);
  stage.append(head);
  place.append(stage);
  const [low, high] = limits[joint];
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--chart-grid"), width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { y: false, sync: { key: CURSOR, setSeries: false }, drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { range: () => [low - MARGIN, high + MARGIN] } },
    axes: [
      { ...axis, size: 22, values: (_, ticks) => ticks.map((at) => `${at} s`) },
      { ...axis, size: 40, splits: () => wholeNumbers(low, high) },
    ],
    legend: { show: false },
    series: [{}, ...names.map(line)],
    hooks: {
      draw: [(drawing) => drawLimits(drawing, [low, high])],
      setCursor: [
        ({ cursor: { idx: at } }) => {
          const known = at !== null && at !== undefined;
          told.textContent = known ? `${time[at].toFixed(2)} s: ${values(names, columns, at)}` : "";
        },
      ],
    },
  };
  return new window.uPlot(options, [time, ...columns], stage);
}

function drawLimits({ ctx: context, bbox, valToPos }, limits) {
  context.save();
  context.strokeStyle = colour("--bad");
  context.lineWidth = 1.5 * devicePixelRatio;
  context.setLineDash(DASHED.map((length) => length * devicePixelRatio));
  for (const limit of limits) {
    const height = valToPos(limit, "y", true);
    context.beginPath();
    context.moveTo(bbox.left, height);
    context.lineTo(bbox.left + bbox.width, height);
    context.stroke();
  }
  context.restore();
}

function wholeNumbers(low, high) {
  const least = Math.ceil(low);
  const numbers = Array.from({ length: Math.floor(high) - least + 1 }, (_, place) => least + place);
  return numbers.length > 4 ? numbers.filter((at) => at % 2 === 0) : numbers;
}

function line(name) {
  const { stroke, dash } = SERIES[name];
  return { stroke: colour(stroke), width: 1.5, points: { show: false }, dash };
}

function values(names, columns, at) {
  return names.map((name, place) => `${name} ${columns[place][at]?.toFixed(3) ?? "nothing"}`).join(", ");
}

/** What the lines of all seven charts mean. */
function legend(names) {
  const list = document.createElement("ul");
  list.className = "joint-legend";
  for (const name of [...names, "limits"]) {
    const entry = document.createElement("li");
    entry.textContent = SERIES[name]?.meaning ?? "limits of the joint";
    entry.className = `joint-legend--${name}`;
    list.append(entry);
  }
  return list;
}

drawAll();
document.body.addEventListener("htmx:load", drawAll);
