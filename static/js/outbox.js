// Acts on their way to the studio: one after another in the order they were done, and sent again while it
// does not answer. Each carries a request key, so that sending twice is storing once.

const RETRY_MS = [200, 500, 1000, 2000, 4000];
const SILENT = "The studio does not answer. Nothing was stored: is it still running?";

/** The studio has understood the act, and said no; `field` names the value that it wants otherwise. */
export class Refused extends Error {
  constructor(message, field = null) {
    super(message);
    this.field = field;
  }
}

export class Outbox {
  #last = Promise.resolve();
  /** Acts that were not answered yet. */
  pending = 0;

  /**
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  add(act) {
    this.pending += 1;
    const done = this.#last.then(() => act()).finally(() => (this.pending -= 1));
    this.#last = done.catch(() => {});
    return done;
  }
}

/**
 * @param {string} path
 * @param {Record<string, string | number>} fields
 * @returns {Promise<any>} the answer
 * @throws {Refused} with the studio's message
 */
export async function post(path, fields) {
  for (const pause of [...RETRY_MS, null]) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(fields),
    }).catch(() => null);
    if (answer?.ok) return answer.json();
    if (answer && answer.status < 500) {
      const { error, field } = await answer.json();
      throw new Refused(error, field);
    }
    if (pause !== null) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Refused(SILENT);
}
