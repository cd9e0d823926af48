// Judging trials: a key press shows the next trial at once, while the label is on its way. What the studio
// refuses comes back to the screen with its reason.

import { sendLabel } from "./label_post.js";
import { Outbox, post } from "./outbox.js";
import { requestKey } from "./request_key.js";
import { Review } from "./review.js";
import { findOut } from "./signed_out.js";
import { toast } from "./toast.js";
import { TrialStage } from "./trial_stage.js";
import { WhyPanel } from "./why.js";

const FEW = 2; // with so few trials left to show, new ones are fetched before the outbox is empty
const RENEW_MS = 20_000; // what the page holds is reserved for it for three times as long

const page = document.querySelector("[data-label-page]");
const { address, query: filter, page: pageKey } = page.dataset;
const stage = new TrialStage(document.getElementById("stage"), page);
const outbox = new Outbox();
const why = new WhyPanel(document.getElementById("why"));
const review = new Review(stage);
/** Trials judged here, the latest last. @type {{card: HTMLElement, stored: number}[]} stored: id of the label, 0: none yet */
const judged = [];
/** Trials of which something is on its way; one that is judged, taken back and judged again is in it thrice. */
const underWay = [];
let signature = page.dataset.signature;

function judge(outcome) {
  const card = stage.take();
  if (!card) return;
  const entry = { card, stored: 0 };
  judged.push(entry);
  underWay.push(card.dataset.trial);
  count(card.dataset.purpose, -1);
  say(`${card.dataset.region}: ${outcome}.`);
  why.dismiss();
  outbox
    .add(() => sendLabel(card.dataset, { outcome }))
    .then((answer) => {
      entry.stored = answer.event_id;
      if (answer.notice) toast(answer.notice);
    })
    .catch((refusal) => {
      judged.splice(judged.indexOf(entry) >>> 0, 1);
      if (!stage.cards.includes(card)) stage.putFirst(card);
      why.dismiss();
      say("");
      toast(refusal.message, { error: true });
    })
    .finally(() => settle(card));
  if (outcome === "failure") why.ask(card, (said) => sayMore(entry, said));
}

/** Adds to a label that was just given why the trial failed. */
function sayMore(entry, said) {
  const { card } = entry;
  outbox
    .add(async () => {
      if (!entry.stored) return; // the label was refused
      const answer = await sendLabel({ ...card.dataset, seen: entry.stored }, { outcome: "failure", ...said });
      entry.stored = answer?.event_id ?? entry.stored;
    })
    .catch((refusal) => toast(refusal.message, { error: true }))
    .finally(() => settle());
}

function undo() {
  const entry = judged.pop();
  why.dismiss();
  if (entry) {
    stage.putFirst(entry.card);
    underWay.push(entry.card.dataset.trial);
    count(entry.card.dataset.purpose, 1);
    say(`${entry.card.dataset.region}: label taken back.`);
  }
  outbox
    .add(async () => {
      if (entry && !entry.stored) return; // the studio never had that label
      const fields = { request_key: requestKey() };
      if (entry) fields.trial_id = entry.card.dataset.trial;
      else if (page.dataset.experiment) fields.experiment_id = page.dataset.experiment;
      const answer = await post(page.dataset.undoAt, fields);
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
    .add(async () => {
      const answer = await sendLabel(button.dataset, { outcome: button.dataset.correct });
      if (answer?.notice) toast(answer.notice);
    })
    .catch((refusal) => toast(refusal.message, { error: true }))
    .finally(() => settle());
}

function settle(card) {
  if (card) underWay.splice(underWay.indexOf(card.dataset.trial), 1);
  if (outbox.pending === 0 || stage.cards.length < FEW) outbox.add(refresh).catch(() => {});
}

/** Fetches further trials and the present counts; `first`: a trial that shall come on the screen. */
async function refresh(first = 0) {
  const query = new URLSearchParams(filter);
  query.set("page", pageKey);
  for (const id of [...stage.ids, ...underWay]) query.append("holding", id);
  if (first) query.set("first", first);
  const answer = await fetch(`${address}/queue?${query}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const queue = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-queue]");
  const waiting = new Set(queue.dataset.stillWaiting.split(" "));
  const asked = new Set(query.getAll("holding"));
  for (const card of stage.cards) {
    // judged by somebody else in the meantime, or on somebody else's screen now
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
  if (button.dataset.step) stage.stepFrames(Number(button.dataset.step));
  if ("pause" in button.dataset) stage.togglePause();
  if ("reviewSwitch" in button.dataset) button.setAttribute("aria-pressed", review.toggle());
  if (button.dataset.step || "pause" in button.dataset) showPause();
});

function showPause() {
  const button = page.querySelector("[data-pause]");
  button.setAttribute("aria-pressed", stage.paused);
  button.querySelector("[data-word]").textContent = stage.paused ? "Play video" : "Pause video";
}

// Enter or Space held down on a focused button would judge one trial after another.
page.addEventListener("keydown", (event) => {
  if (event.repeat && event.target.closest("button")) event.preventDefault();
});

setInterval(() => outbox.pending === 0 && outbox.add(refresh).catch(() => {}), RENEW_MS);
addEventListener("pagehide", () => navigator.sendBeacon("/label/leave", new URLSearchParams({ page: pageKey })));

const news = new EventSource(`${address}/events${filter}`);
news.addEventListener("queue", ({ data }) => {
  if (data !== signature) outbox.add(refresh).catch(() => {});
});
news.addEventListener("error", async () => {
  if (await findOut()) news.close();
});
