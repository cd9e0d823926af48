// The live picture and state of a cell: the picture runs while the cell answers and somebody looks.

const PERIOD_MS = 1500;

for (const figure of document.querySelectorAll("[data-cell]")) follow(figure);

async function follow(figure) {
  const picture = figure.querySelector("img");
  const source = `/cells/${figure.dataset.cell}/live.mjpg`;
  picture.addEventListener("error", () => stop(picture));
  for (;;) {
    const state = document.hidden ? null : await ask(figure.dataset.cell);
    if (!state?.up) stop(picture);
    else if (picture.hidden) {
      picture.src = `${source}?since=${Date.now()}`; // a stream that has ended is not asked for again under its name
      picture.hidden = false;
    }
    if (state) show(figure, state);
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
}

async function ask(cell) {
  const answer = await fetch(`/cells/${cell}/state`, { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json() : { up: false, message: "The studio does not answer." };
}

function show(figure, state) {
  figure.querySelector("[data-live-message]").textContent = state.message ?? "";
  figure.querySelector("[data-live-activity]").textContent = !state.up ? "" : state.busy ? state.activity : "free";
  const joints = document.querySelector("[data-live-joints]");
  if (joints && state.joints) joints.textContent = state.joints.map((joint) => joint.toFixed(2)).join("  ");
}

function stop(picture) {
  picture.hidden = true;
  picture.removeAttribute("src");
}
