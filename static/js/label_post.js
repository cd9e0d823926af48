// A label on its way to the studio, with what the page knows of its trial.

import { Refused, post } from "./outbox.js";
import { askReason } from "./reason.js";
import { requestKey } from "./request_key.js";

/**
 * @param {{labels: string, experiment?: string, iteration?: string, rating?: string, seen: string}} trial as the page knows
 *   it: where its labels are sent, what it belongs to (a blind one to nothing), and the label that it has
 * @param {Record<string, string | number>} judged outcome, and what else is said
 * @returns {Promise<any>} the answer; null where a reason was asked for and not given
 * @throws {Refused} with the studio's message
 */
export async function sendLabel({ labels, experiment, iteration, rating, seen }, judged) {
  const send = (more) =>
    post(labels, {
      ...judged,
      ...more,
      ...(experiment && { experiment_id: experiment, iteration }),
      request_key: requestKey(),
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
