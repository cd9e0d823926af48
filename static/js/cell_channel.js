// The live channel to a cell: one WebSocket a page. It brings the cell's state, carries "stop motion", and, on
// the page that holds the arm, a sign of life every 250 ms. The token of the arm belongs to the tab: it stays
// when the tab goes to another page of the studio.

import { findOut, isSignedOut } from "./signed_out.js";

const HEARTBEAT_MS = 250;
const AGAIN_MS = 500;
const SILENT_MS = 2500;
const SILENT = { up: false, message: "The studio does not answer. Is it still running?" };
const SIGNED_OUT = { up: false, message: "You are signed out: this page stops nothing." };

const channels = new Map();

/** @param {string} cell id of a cell; @returns {CellChannel} the page's one channel to it */
export function channelOf(cell) {
  if (!channels.has(cell)) channels.set(cell, new CellChannel(cell));
  return channels.get(cell);
}

/** Events: "state" (detail: what the cell does), "refused" (detail: {act, refused}, why an act of this page was not done). */
class CellChannel extends EventTarget {
  #cell;
  #socket = null;
  #heard = 0;

  constructor(cell) {
    super();
    this.#cell = cell;
    this.state = null;
    this.#open();
    setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Token under which this tab holds the arm, or null. */
  get token() {
    const kept = sessionStorage.getItem(`hndp-arm-${this.#cell}`);
    return kept === null ? null : Number(kept);
  }

  set token(token) {
    const name = `hndp-arm-${this.#cell}`;
    if (token === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, String(token));
  }

  /** Whether this tab holds the arm, as the cell says. */
  get isMine() {
    return this.token !== null && this.state?.lease?.token === this.token;
  }

  /** @returns {boolean} whether the message could be sent */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Ask by POST /cells/ID/PATH. @returns {Promise<object>} the state that follows; throws an Error that says why not */
  async post(path, asked, options = {}) {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const answer = await fetch(`/cells/${this.#cell}/${path}`, {
      method: "POST", headers, body: JSON.stringify(asked), ...options,
    }).catch(() => null);
    if (answer === null) throw new Error(SILENT.message);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    return told;
  }

  #open() {
    if (isSignedOut()) return this.#show(SIGNED_OUT);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#socket = new WebSocket(`${scheme}://${location.host}/cells/${this.#cell}/channel`);
    this.#socket.addEventListener("message", (event) => this.#hear(JSON.parse(event.data)));
    this.#socket.addEventListener("close", () => {
      findOut();
      setTimeout(() => this.#open(), AGAIN_MS);
    });
  }

  #hear(message) {
    this.#heard = performance.now();
    if ("refused" in message) this.#tell("refused", message);
    else this.#show(message);
  }

  #show(state) {
    this.state = state;
    this.#tell("state", state);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  #beat() {
    const silent = performance.now() - this.#heard > SILENT_MS && !isSignedOut();
    if (silent && this.state?.message !== SILENT.message) this.#show(SILENT);
    if (this.token !== null) this.send({ act: "heartbeat", token: this.token });
  }
}
