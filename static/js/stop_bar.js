// The bar of a cell's pages: "stop motion" by button and Esc, whether the arm may move, and who holds it.

import { channelOf } from "./cell_channel.js";
import { requestKey } from "./request_key.js";
import { toast } from "./toast.js";

const CONFIRM_MS = 200; // without an answer the stop is sent on a second way
const GIVE_UP_MS = 1500;
const MOTIONS = {
  ready: ["done", "Free"],
  unattended: ["waiting", "Waits for an operator"],
  scene: ["waiting", "Waits for its scene"],
  held: ["paused", "Holds"],
  blind: ["failed", "No picture"],
  stopped: ["failed", "Stopped"],
  recovering: ["running", "Goes home"],
};

class StopBar {
  constructor(bar) {
    this.bar = bar;
    this.channel = channelOf(bar.dataset.stopBar);
    this.page = (sessionStorage.hndpPage ??= requestKey());
    this.pressedAt = null;
    this.channel.addEventListener("state", () => this.show());
    this.channel.addEventListener("refused", ({ detail }) => this.refused(detail));
    this.part("stop").addEventListener("click", () => this.stop());
    for (const button of bar.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => this.act(button.dataset.act));
    }
    addEventListener("keydown", (event) => {
      // In a dialog Esc closes it first. Everywhere else it stops, in a text field too: hands are in haste.
      if (event.key === "Escape" && !event.repeat && !document.querySelector("dialog[open]")) this.stop();
    }, true);
  }

  part(name) {
    return this.bar.querySelector(`[data-${name}]`);
  }

  stop() {
    const press = requestKey();
    this.pressedAt = performance.now();
    this.lost = null;
    const sent = this.channel.send({ act: "stop", press });
    setTimeout(() => this.pressedAt !== null && this.stopOtherwise(press), sent ? CONFIRM_MS : 0);
    setTimeout(() => this.giveUp(), GIVE_UP_MS);
    this.show();
  }

  /** The same press on a second way; the cell counts it once. */
  stopOtherwise(press) {
    if (this.channel.state?.up === false) return;
    this.channel.post("stop", { press }, { keepalive: true }).catch(() => {});
  }

  giveUp() {
    if (this.pressedAt === null || performance.now() - this.pressedAt < GIVE_UP_MS - 50) return;
    this.pressedAt = null;
    this.lost = "Not confirmed. Press the hardware emergency stop if anything moves.";
    this.show();
  }

  refused({ act, refused: reason }) {
    if (act === "stop") {
      this.pressedAt = null;
      this.lost = `Nothing was stopped: ${reason}`;
      this.show();
    } else if (act === "heartbeat" && this.channel.token !== null && this.channel.state?.up) {
      this.channel.token = null;
      toast(reason, { error: true });
      this.show();
    }
  }

  async act(name) {
    if (name === "take_over" && !(await this.confirmed())) return;
    const token = this.channel.token;
    const asked = {
      take: { page: this.page },
      take_over: { page: this.page, from_token: this.channel.state.lease?.token ?? 0 },
    }[name] ?? { token: this.channel.isMine ? token : null };
    try {
      const state = await this.channel.post(name === "take_over" ? "take" : name, asked);
      if (name === "release") this.channel.token = null;
      else if (state.token) this.channel.token = state.token;
    } catch (error) {
      toast(error.message, { error: true });
    }
  }

  confirmed() {
    const dialog = this.part("take-over");
    this.part("take-over-from").textContent = this.channel.state.lease?.holder ?? "nobody";
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  show() {
    const state = this.channel.state ?? { up: false, message: "" };
    if (state.motion === "stopped") [this.pressedAt, this.lost] = [null, null];
    this.bar.dataset.motion = state.up ? state.motion : "down";
    this.part("stop").classList.toggle("is-pressed", this.pressedAt !== null);
    const [look, word] = !state.up ? ["neutral", "Not there"]
      : state.motion === "ready" && state.busy ? ["running", "Moves"] : MOTIONS[state.motion];
    write(this.part("motion"), this.pressedAt !== null ? "Stopping" : word);
    this.part("motion").className = `badge badge--${look}`;
    write(this.part("holder"), this.holder(state));
    write(this.part("note"), this.lost ?? (state.up ? state.note || this.activity(state) : state.message));
    this.part("note").classList.toggle("error", Boolean(this.lost));
    this.offer(state);
  }

  activity(state) {
    const doing = state.busy ? state.activity : "";
    return doing && `${doing[0].toUpperCase()}${doing.slice(1)}.`;
  }

  holder(state) {
    if (!state.lease) return state.attended ? "Nobody holds the arm." : "";
    if (this.channel.isMine) return "You hold the arm.";
    return `${state.lease.holder} ${state.lease.alive ? "holds" : "held"} the arm.`;
  }

  offer(state) {
    const mayAct = state.up && "mayAct" in this.bar.dataset;
    const mine = this.channel.isMine;
    const taken = Boolean(state.lease?.alive) && !mine;
    const mayMove = mine || (!state.attended && !taken);
    const shown = {
      recover: state.motion === "stopped" && mayMove,
      go_on: state.motion === "held" && mine,
      take: !mine && !taken,
      take_over: taken,
      release: mine,
    };
    for (const button of this.bar.querySelectorAll("[data-act]")) {
      button.hidden = !(mayAct && shown[button.dataset.act]);
    }
    const watch = this.bar.querySelector("[data-watch-link]");
    if (!watch) return;
    watch.hidden = !(mayAct && state.trial_id) && state.motion !== "scene";
    write(watch, state.motion === "scene" ? "Set the scene" : "Watch and judge");
  }
}

/** Unchanged text is left alone: a screen reader says it again otherwise. */
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

for (const bar of document.querySelectorAll("[data-stop-bar]")) new StopBar(bar);
