// Guiding the simulated arm by hand: a session with the cell, its buttons, and the tool drawn into the picture.

import { channelOf } from "./cell_channel.js";
import { Controls } from "./guide_controls.js";
import { Wish } from "./guide_wish.js";
import { toast } from "./toast.js";

const LEADING_MS = 40;
const QUIET_MS = 250; // signs of life while nothing is recorded
const AGAIN_MS = 800;
const COUNT_S = 3;
const WIDTH = 400; // of the drawing over the picture
const HEIGHT = 300;

const page = document.getElementById("guide");
const part = (name) => page.querySelector(`[data-${name}]`);

class GuidePage {
  constructor() {
    this.state = { phase: "waiting" };
    this.wish = new Wish();
    this.motion = null;
    this.sent = this.advanced = 0;
    this.controls = new Controls(part("screen"), this.wish, { go: () => this.go(), snap: () => part("snap").click() });
    part("go").addEventListener("click", () => this.go());
    part("keep").addEventListener("click", () => this.keep());
    part("redo").addEventListener("click", () => this.redo());
    part("snap").addEventListener("change", ({ target }) => (this.wish.snapped = target.checked));
    part("height").addEventListener("input", ({ target }) => this.wish.set(2, Number(target.value)));
    part("tilt").addEventListener("input", ({ target }) => this.wish.set(3, Number(target.value)));
    document.addEventListener("keydown", (event) => this.snapByKey(event));
    addEventListener("pagehide", () => this.send({ act: "end" }));
    setInterval(() => this.lead(), LEADING_MS);
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/regions/${page.dataset.region}/guide/channel`);
    this.socket.addEventListener("open", () => this.begin());
    this.socket.addEventListener("message", ({ data }) => this.hear(JSON.parse(data)));
    this.socket.addEventListener("close", () => {
      this.show({ ...this.state, phase: "ended", reason: "The studio does not answer. The arm holds." });
      setTimeout(() => this.open(), AGAIN_MS);
    });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  begin() {
    this.send({ act: "begin", token: channelOf(page.dataset.cellOfArm).token });
  }

  /** One button: starts, stops, and begins anew what has ended. */
  async go() {
    if (part("go").disabled) return;
    if (this.state.phase === "recording") this.send({ act: "stop" });
    else if (this.state.phase === "ended") this.begin();
    else if (this.state.phase === "ready") {
      part("go").disabled = true;
      if (part("countdown").checked) await this.count();
      this.send({ act: "start" });
    }
  }

  async count() {
    for (let left = COUNT_S; left > 0; left -= 1) {
      part("count").textContent = left;
      part("count").removeAttribute("hidden");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    part("count").setAttribute("hidden", "");
  }

  async keep() {
    part("keep").disabled = true;
    const answer = await fetch(`/motions/${this.motion}/keep`, { method: "POST" }).catch(() => null);
    if (answer?.ok) location.assign(answer.headers.get("HX-Redirect"));
    else toast("It was not kept. Try again.", { error: true });
    part("keep").disabled = false;
  }

  async redo() {
    if (this.motion !== null) await fetch(`/motions/${this.motion}/bin`, { method: "POST" }).catch(() => null);
    this.send({ act: "again" });
  }

  snapByKey(event) {
    const typing = event.target.matches?.("input:not([type=range], [type=checkbox]), textarea, select");
    if (event.key.toLowerCase() !== "s" || event.repeat || event.ctrlKey || event.metaKey || typing) return;
    if (!part("controls").disabled) part("snap").click();
  }

  lead() {
    const now = performance.now();
    this.controls.advance((now - this.advanced) / 1000);
    this.advanced = now;
    const recording = this.state.phase === "recording";
    if (this.state.phase === "ended" || (!recording && now - this.sent < QUIET_MS)) return;
    this.sent = now;
    this.send({ act: "lead", wish: recording ? this.wish.next() : null });
    if (recording) this.showWish();
  }

  hear(message) {
    if ("refused" in message) this.show({ phase: "ended", reason: message.refused });
    else {
      if (message.phase === "recording") this.wish.hear(message);
      this.show(message);
    }
  }

  show(state) {
    const before = this.state.phase;
    this.state = state;
    const { phase } = state;
    if (phase === "ready" && before !== "ready") this.beginAnew(state);
    if (phase === "recorded" && before !== "recorded") this.motion = state.motion_id ?? null;
    this.controls.on = phase === "recording";
    part("controls").disabled = phase !== "recording";
    this.offer(phase, before);
    write(part("said"), this.said(state));
    write(part("clock"), `${(state.recorded_s ?? 0).toFixed(1)} s`);
    write(part("clock-note"), phase === "recording" && state.waits ? "waits while the arm rests" : "");
    write(part("outcome"), outcome(state));
    this.draw(state);
  }

  beginAnew(state) {
    this.motion = null;
    this.wish.begin(state);
    part("snap").checked = false;
    const [low, high] = state.room;
    for (const [name, axis] of [["height", 2], ["tilt", 3]]) {
      Object.assign(part(name), { min: low[axis], max: high[axis] });
    }
    this.showWish();
  }

  offer(phase, before) {
    const go = part("go");
    if (phase !== before) {
      go.hidden = phase === "recorded";
      go.disabled = phase === "waiting";
      go.toggleAttribute("data-recording", phase === "recording");
      go.firstChild.textContent = { recording: "Stop ", ended: "Begin again " }[phase] ?? "Start ";
    }
    const kept = phase === "recorded" && this.motion !== null;
    part("keep").hidden = part("look").hidden = !kept;
    part("redo").hidden = phase !== "recorded";
    if (kept) part("look").href = `/motions/${this.motion}`;
  }

  said({ phase, reason, silent, motion_id: motion }) {
    if (phase === "ended") {
      const kept = motion ? " What was recorded waits on the board of demonstrations." : "";
      return `${reason || "The guiding has ended."}${kept}`;
    }
    if (phase === "recording") {
      return silent ? "The arm holds: nothing was heard from this page." : "It records. Move the tool.";
    }
    if (phase === "recorded") {
      return this.motion === null ? "Nothing moved, so nothing was kept. Do it again."
        : "Recorded. Keep it, and the arm executes it as a demonstration; or do it again.";
    }
    return phase === "ready" ? "Ready. Press Start, then move the tool." : "Waits until the arm is free ...";
  }

  showWish() {
    const [, , height, tilt] = this.wish.pose;
    part("height").value = height;
    part("tilt").value = tilt;
    write(part("height-said"), `${(100 * height).toFixed(1)} cm`);
    write(part("tilt-said"), `${Math.round((180 / Math.PI) * tilt)}°`);
  }

  draw({ handle, foot }) {
    part("mark").toggleAttribute("hidden", !handle);
    if (!handle) return;
    const [x, y, footX, footY] = [handle[0] * WIDTH, handle[1] * HEIGHT, foot[0] * WIDTH, foot[1] * HEIGHT];
    place(part("handle"), { cx: x, cy: y });
    place(part("foot"), { cx: footX, cy: footY });
    place(part("plumb"), { x1: x, y1: y, x2: footX, y2: footY });
  }
}

/** What the physics says at this moment, in words. */
function outcome({ measures, success }) {
  if (!measures) return "";
  const facts = Object.entries(measures).map(([name, value]) => fact(name, value));
  return `${success ? "Done, says the physics: " : ""}${facts.join(", ")}`;
}

function fact(name, value) {
  if (name.endsWith("_m")) return `${name.slice(0, -2).replaceAll("_", " ")} ${(100 * value).toFixed(1)} cm`;
  return `${name.replaceAll("_", " ")} ${value < 0 ? "none" : value}`;
}

function place(element, values) {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value.toFixed(1));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

if (page) new GuidePage();
