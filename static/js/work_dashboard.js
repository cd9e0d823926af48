// The dashboard of work: draws its figures for the view in the address, and follows the news.

import { dayBars } from "./day_bars.js";
import { Figure } from "./figure.js";
import { roveAmong } from "./roving_focus.js";

const page = document.getElementById("work");
const TITLES = {
  labels: "Labels by operator and day",
  throughput: "Trials per hour by cell",
  up_time: "Up-time of the cells",
};

function draw(data, width, figure) {
  const { svg, marks } = dayBars(data, width);
  marks.forEach((mark) => figure.tooltip.attach(mark));
  roveAmong(marks);
  return svg;
}

const figures = Object.entries(TITLES).map(
  ([name, title]) => new Figure(document.getElementById(name), "/dashboards", draw, () => location.search, () => title),
);

function refreshAll() {
  return Promise.all(figures.map((figure) => figure.refresh()));
}

let known = page.dataset.state;
document.getElementById("work-summary").addEventListener("sse:changed", (event) => {
  if (event.detail.data === known) return;
  known = event.detail.data;
  refreshAll();
});
refreshAll();
