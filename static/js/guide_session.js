// One guiding with the cell: its channel, its phases and their buttons. What is led, and how, is the business of
// who extends it.

import { channelOf } from "./cell_channel.js";
import { LiveJointCurves } from "./live_joint_curves.js";
import { findOut, isSignedOut } from "./signed_out.js";
import { toast } from "./toast.js";

const LEADING_MS = 40;
const QUIET_MS = 250; // signs of life while nothing is recorded
const AGAIN_MS = 800;
const COUNT_S = 3;
const PRESS_MS = 500; // a pedal that bounces presses once

export class GuideSession {
  /** @param {HTMLElement} page with the parts [data-go], [data-said] and so on */
  constructor(page) {
    this.page = page;
    this.state = { phase: "waiting" };
    this.motion = null;
    this.began = false;
    this.sent = this.pressed = 0;
    this.pressing = this.pressedBy = null;
    this.curves = new LiveJointCurves(this.part("curves"));
    this.part("go").addEventListener("click", () => this.press(() => this.go()));
    this.part("keep").addEventListener("click", () => this.press(() => this.keep()));
    this.part("redo").addEventListener("click", () => this.press(() => this.redo()));
    addEventListener("keydown", ({ key }) => (this.pressing = key), true);
    addEventListener("pointerdown", () => (this.pressing = "pointer"), true);
    addEventListener("pagehide", () => this.send({ act: "end" }));
    setInterval(() => this.lead(), LEADING_MS);
    this.open();
  }

  part(name) {
    return this.page.querySelector(`[data-${name}]`);
  }

  // For who extends it.

  /** Called before each message to the cell. */
  advance() {}

  /** @returns {object | null} where the tool shall go */
  wished() {
    return null;
  }

  /** The scene is laid out, and the arm is at home. */
  begun(_state) {}

  /** A state of the cell, before it is shown. */
  heard(_state) {}

  /** A state of the cell, shown. */
  shown(_state) {}

  // The session.

  open() {
    if (isSignedOut()) return this.ended("You are signed out. The arm holds.");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/regions/${this.page.dataset.region}/guide/channel`);
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", ({ data }) => this.hear(JSON.parse(data)));
    this.socket.addEventListener("close", () => {
      this.ended("The studio does not answer. The arm holds.");
      findOut();
      setTimeout(() => this.open(), AGAIN_MS);
    });
  }

  ended(reason) {
    this.show({ ...this.state, phase: "ended", reason });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** To begin moves the arm home: a real one does it at a press only. */
  opened() {
    const { beginText } = this.page.dataset;
    if (beginText) this.show({ phase: "ended", reason: this.began ? this.state.reason : beginText });
    else this.begin();
  }

  begin() {
    this.began = true;
    this.send({ act: "begin", token: channelOf(this.page.dataset.cellOfArm).token });
  }

  /** Another key at once is meant: who stops may keep at once. */
  press(act) {
    const now = performance.now();
    if (this.pressing === this.pressedBy && now - this.pressed < PRESS_MS) return;
    [this.pressed, this.pressedBy] = [now, this.pressing];
    act();
  }

  /** One button: starts, stops, and begins anew what has ended. */
  async go() {
    if (this.part("go").disabled) return;
    if (this.state.phase === "recording") this.send({ act: "stop" });
    else if (this.state.phase === "ended") this.begin();
    else if (this.state.phase === "ready") {
      this.part("go").disabled = true;
      if (this.part("countdown").checked) await this.count();
      this.send({ act: "start" });
    }
  }

  async count() {
    for (let left = COUNT_S; left > 0; left -= 1) {
      this.part("count").textContent = left;
      this.part("count").removeAttribute("hidden");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    this.part("count").setAttribute("hidden", "");
  }

  async keep() {
    this.part("keep").disabled = true;
    const answer = await fetch(`/motions/${this.motion}/keep`, { method: "POST" }).catch(() => null);
    if (answer?.ok) location.assign(answer.headers.get("HX-Redirect"));
    else toast("It was not kept. Try again.", { error: true });
    this.part("keep").disabled = false;
  }

  async redo() {
    if (this.motion !== null) await fetch(`/motions/${this.motion}/bin`, { method: "POST" }).catch(() => null);
    this.send({ act: "again" });
  }

  lead() {
    this.advance();
    const now = performance.now();
    const recording = this.state.phase === "recording";
    if (this.state.phase === "ended" || (!recording && now - this.sent < QUIET_MS)) return;
    this.sent = now;
    this.send({ act: "lead", wish: recording ? this.wished() : null });
  }

  hear(message) {
    this.show("refused" in message ? { phase: "ended", reason: message.refused } : message);
  }

  show(state) {
    const before = this.state.phase;
    this.state = state;
    const { phase } = state;
    this.heard(state);
    if (phase === "ready" && before !== "ready") {
      this.motion = null;
      this.curves.clear();
      this.begun(state);
    }
    if (["recorded", "ended"].includes(phase) && before !== phase) this.motion = state.motion_id ?? null;
    if (phase === "recording" && state.joints) this.curves.add(state.recorded_s, state.joints);
    this.offer(phase, before);
    write(this.part("said"), this.said(state));
    write(this.part("clock"), `${(state.recorded_s ?? 0).toFixed(1)} s`);
    this.shown(state);
  }

  offer(phase, before) {
    const go = this.part("go");
    if (phase !== before) {
      go.hidden = phase === "recorded";
      go.disabled = phase === "waiting";
      go.toggleAttribute("data-recording", phase === "recording");
      const begin = this.began ? "Begin again " : "Begin ";
      go.firstChild.textContent = { recording: "Stop ", ended: begin }[phase] ?? "Start ";
    }
    const kept = phase === "recorded" && this.motion !== null;
    this.part("keep").hidden = this.part("look").hidden = !kept;
    this.part("redo").hidden = phase !== "recorded";
    if (kept) this.part("look").href = `/motions/${this.motion}`;
  }

  said({ phase, reason, silent, note, motion_id: motion }) {
    if (phase === "ended") {
      const kept = motion ? " What was recorded waits on the board of demonstrations." : "";
      return `${reason || "The guiding has ended."}${kept}`;
    }
    if (phase === "recording") {
      return silent ? "The arm holds: nothing was heard from this page." : this.page.dataset.recordingText;
    }
    if (phase === "recorded") {
      if (this.motion === null) return note || "Nothing moved, so nothing was kept. Do it again.";
      return `${note || "Recorded."} Keep it, and the arm executes it as a demonstration; or do it again.`;
    }
    return phase === "ready" ? this.page.dataset.readyText : this.page.dataset.waitingText;
  }
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
