// The dashboard: draws its figures, keeps the selectors in the address, and follows the news.

import { readAngles } from "./angle_reader.js";
import { Figure } from "./figure.js";
import { outcomeMap } from "./outcome_map.js";
import { roveAmong } from "./roving_focus.js";
import { spreadChart } from "./spread_chart.js";
import { successChart } from "./success_chart.js";
import { trajectoryChart } from "./trajectory_chart.js";

const page = document.getElementById("dashboard");
const choice = document.getElementById("choice");
const experiment = document.querySelector("h1").textContent.trim();

function chosen() {
  return Object.fromEntries([...new FormData(choice)].filter(([, value]) => value));
}

function queryOf(names) {
  const values = chosen();
  return `?${new URLSearchParams(names.filter((name) => values[name]).map((name) => [name, values[name]]))}`;
}

function withMarks({ svg, marks }, figure) {
  marks.forEach((mark) => figure.tooltip.attach(mark));
  roveAmong(marks);
  return svg;
}

function drawTrajectories(data, width, figure) {
  const { svg, panels } = trajectoryChart(data, width, Number(chosen().joint) || null);
  readAngles(data, panels, figure.tooltip, figure.frame);
  return svg;
}

function trajectoryTitle() {
  const { region, iteration } = Object.fromEntries(
    [...choice.querySelectorAll("select")].map((select) => [select.name, select.selectedOptions[0].textContent.trim()]),
  );
  return `${experiment}: commanded joint angles in ${region}, iteration ${iteration}`;
}

function makeFigures() {
  const root = (name) => document.getElementById(name);
  const base = page.dataset.base;
  const none = () => "";
  const marked = (name, chart, title) =>
    new Figure(root(name), base, (data, width, figure) => withMarks(chart(data, width), figure), none, () => `${experiment}: ${title}`);
  return {
    success: marked("success", successChart, "success per iteration"),
    outcomes: marked("outcomes", outcomeMap, "outcomes and gates"),
    motion: marked("motion", spreadChart, "smoothness and margins"),
    credit: marked("credit", spreadChart, "partial credit"),
    trajectories: new Figure(root("trajectories"), base, drawTrajectories, () => queryOf(["iteration", "region", "unit"]), trajectoryTitle),
  };
}

function followChoice(figures) {
  const follow = (event) => {
    history.replaceState(null, "", `${queryOf(["iteration", "region", "joint", "unit"])}${location.hash}`);
    if (event?.target.name === "joint") figures.trajectories.redraw(true);
    else figures.trajectories.refresh();
  };
  choice.addEventListener("change", follow);
  choice.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("outcomes").addEventListener("click", (event) => {
    const region = event.target.closest("[data-region]");
    if (!region) return;
    event.preventDefault();
    choice.elements.region.value = region.dataset.region;
    follow();
    document.getElementById("trajectories").scrollIntoView({ behavior: "smooth" });
  });
}

/** An iteration that began after the page was loaded can be chosen too. */
function offerIterations(numbers) {
  const select = choice.elements.iteration;
  const offered = new Set([...select.options].map((option) => option.value));
  numbers.filter((number) => !offered.has(String(number))).forEach((number) => select.add(new Option(number, number)));
}

async function refreshAll(figures) {
  await Promise.all(Object.values(figures).map((figure) => figure.refresh()));
  offerIterations(figures.outcomes.data.iterations);
}

function followNews(figures) {
  let known = page.dataset.state;
  document.getElementById("facts").addEventListener("sse:changed", (event) => {
    if (event.detail.data === known) return;
    known = event.detail.data;
    if (figures === null) location.reload();
    else refreshAll(figures);
  });
}

if (choice) {
  const figures = makeFigures();
  refreshAll(figures);
  followChoice(figures);
  followNews(figures);
} else {
  followNews(null);
}
