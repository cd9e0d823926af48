// A label on its way to the studio, with what the page knows of its trial.

import { Refused, post } from "./outbox.js";
import { askReason } from "./reason.js";
import { requestKey } from "./request_key.js";

/**
 * @param {{trial: string, experiment: string, iteration: string, rating: string, seen: string}} trial as the page knows it
 * @param {Record<string, string | number>} judged outcome, and what else is said
 * @returns {Promise<any>} the answer; null where a reason was asked for and not given
 * @throws {Refused} with the studio's message
 */
export async function sendLabel({ trial, experiment, iteration, rating, seen }, judged) {
  const send = (more) =>
    post(`/trials/${trial}/labels`, {
      ...judged,
      ...more,
      request_key: requestKey(),
      experiment_id: experiment,
      iteration,
      rating: rating ?? "first",
      instead_of: seen,
    });
  try {
    return await send({});
  } catch (refusal) {
    if (!(refusal instanceof Refused) || refusal.field !== "note") throw refusal;
    const note = await askReason(refusal.message);
    return note === null ? null : send({ note });
  }
}
