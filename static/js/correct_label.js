// Labels one trial from its own page, and shows the page anew.

import { post } from "./outbox.js";
import { requestKey } from "./request_key.js";
import { toast } from "./toast.js";

const place = document.querySelector("[data-correct-label]");

place?.addEventListener("click", async ({ target }) => {
  const outcome = target.closest("[data-correct]")?.dataset.correct;
  if (!outcome) return;
  const { trial, experiment, iteration, seen } = place.dataset;
  try {
    const fields = { outcome, request_key: requestKey(), experiment_id: experiment, iteration, instead_of: seen };
    await post(`/trials/${trial}/labels`, fields);
    location.reload();
  } catch (refusal) {
    toast(refusal.message, { error: true });
  }
});
