// Judging trials: a key press shows the next trial at once, while the label is on its way. What the studio
// refuses comes back to the screen with its reason.

import { Outbox, post } from "./outbox.js";
import { requestKey } from "./request_key.js";
import { toast } from "./toast.js";
import { TrialStage } from "./trial_stage.js";

const FEW = 2; // with so few trials left to show, new ones are fetched before the outbox is empty

const page = document.querySelector("[data-label-page]");
const experiment = page.dataset.experiment;
const stage = new TrialStage(document.getElementById("stage"), page);
const outbox = new Outbox();
/** Trials judged here, the latest last. @type {{card: HTMLElement, stored: boolean}[]} */
const judged = [];
/** Trials of which something is on its way; one that is judged, taken back and judged again is in it thrice. */
const underWay = [];
let signature = page.dataset.signature;

function judge(outcome) {
  const card = stage.take();
  if (!card) return;
  const entry = { card, stored: false };
  judged.push(entry);
  underWay.push(card.dataset.trial);
  count(card.dataset.purpose, -1);
  say(`${card.dataset.region}: ${outcome}.`);
  outbox
    .add(() => sendLabel(card.dataset, outcome))
    .then(() => (entry.stored = true))
    .catch((refusal) => {
      judged.splice(judged.indexOf(entry) >>> 0, 1);
      if (!stage.cards.includes(card)) stage.putFirst(card);
      say("");
      toast(refusal.message, { error: true });
    })
    .finally(() => settle(card));
}

function undo() {
  const entry = judged.pop();
  if (entry) {
    stage.putFirst(entry.card);
    underWay.push(entry.card.dataset.trial);
    count(entry.card.dataset.purpose, 1);
    say(`${entry.card.dataset.region}: label taken back.`);
  }
  outbox
    .add(async () => {
      if (entry && !entry.stored) return; // the studio never had that label
      const fields = { experiment_id: experiment, request_key: requestKey() };
      if (entry) fields.trial_id = entry.card.dataset.trial;
      const answer = await post("/labels/undo", fields);
      if (answer.notice) toast(answer.notice);
      if (!entry) await refresh(answer.trial_id);
    })
    .catch((refusal) => {
      if (entry) {
        stage.drop(entry.card);
        judged.push(entry);
      }
      say("");
      toast(refusal.message, { error: true });
    })
    .finally(() => settle(entry?.card));
}

function correct(button) {
  outbox
    .add(() => sendLabel(button.dataset, button.dataset.correct))
    .catch((refusal) => toast(refusal.message, { error: true }))
    .finally(() => settle());
}

async function sendLabel({ trial, iteration, seen }, outcome) {
  const answer = await post(`/trials/${trial}/labels`, {
    outcome,
    request_key: requestKey(),
    experiment_id: experiment,
    iteration,
    instead_of: seen,
  });
  if (answer.notice) toast(answer.notice);
}

function settle(card) {
  if (card) underWay.splice(underWay.indexOf(card.dataset.trial), 1);
  if (outbox.pending === 0 || stage.cards.length < FEW) outbox.add(refresh).catch(() => {});
}

/** Fetches further trials and the present counts; `first`: a trial that shall come on the screen. */
async function refresh(first = 0) {
  const query = new URLSearchParams([...stage.ids, ...underWay].map((id) => ["holding", id]));
  if (first) query.set("first", first);
  const answer = await fetch(`/experiments/${experiment}/label/queue?${query}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const queue = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-queue]");
  const waiting = new Set(queue.dataset.stillWaiting.split(" "));
  const asked = new Set(query.getAll("holding"));
  for (const card of stage.cards) {
    // judged by somebody else in the meantime
    if (asked.has(card.dataset.trial) && !waiting.has(card.dataset.trial)) stage.drop(card);
  }
  for (const card of queue.querySelectorAll("[data-trial].trial-card")) {
    if (stage.ids.includes(card.dataset.trial) || underWay.includes(card.dataset.trial)) continue;
    if (card.dataset.trial === String(first)) stage.putFirst(document.adoptNode(card));
    else stage.putLast(document.adoptNode(card));
  }
  if (outbox.pending > 1) return; // more was judged meanwhile: these counts are old
  signature = queue.dataset.signature;
  for (const id of ["waiting-count", "queue-counts", "queue-next", "decisions"]) {
    document.getElementById(id).replaceWith(queue.querySelector(`#${id}`));
  }
}

function count(purpose, change) {
  const shown = document.querySelector(`[data-count="${purpose}"]`);
  shown.textContent = Number(shown.textContent) + change;
}

function say(text) {
  document.getElementById("last-said").textContent = text;
}

page.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.dataset.outcome) judge(button.dataset.outcome);
  if (button.dataset.correct) correct(button);
  if ("undo" in button.dataset) undo();
  if ("pause" in button.dataset) {
    const paused = stage.togglePause();
    button.setAttribute("aria-pressed", paused);
    button.textContent = paused ? "Play video" : "Pause video";
  }
});

// Enter or Space held down on a focused button would judge one trial after another.
page.addEventListener("keydown", (event) => {
  if (event.repeat && event.target.closest("button")) event.preventDefault();
});

new EventSource(`/experiments/${experiment}/label/events`).addEventListener("queue", ({ data }) => {
  if (data !== signature) outbox.add(refresh).catch(() => {});
});
