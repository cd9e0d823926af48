// Labels one trial from its own page, or says why it failed, and shows the page anew.

import { sendLabel } from "./label_post.js";
import { toast } from "./toast.js";

async function judge(place, judged) {
  try {
    if (await sendLabel(place.dataset, judged)) location.reload();
  } catch (refusal) {
    toast(refusal.message, { error: true });
  }
}

document.querySelector("[data-correct-label]")?.addEventListener("click", ({ currentTarget, target }) => {
  const outcome = target.closest("[data-correct]")?.dataset.correct;
  if (outcome) judge(currentTarget, { outcome });
});

const why = document.querySelector("[data-say-why]");
const other = why?.querySelector(".why-other");

why?.addEventListener("click", ({ target }) => {
  const { mode, reached } = target.closest("button")?.dataset ?? {};
  if (mode === "other") {
    other.hidden = false;
    other.querySelector("input").focus();
  } else if (mode) judge(why, { outcome: "failure", failure_mode: mode });
  else if (reached) judge(why, { outcome: "failure", milestones: reached });
});

other?.addEventListener("keydown", (event) => {
  const note = event.target.value.trim();
  if (event.key === "Enter" && note) judge(why, { outcome: "failure", failure_mode: "other", note });
});
