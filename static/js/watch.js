// At the arm: set the scene of what waits, watch the trial that runs, and judge it. A trial that has ended can be
// judged here until the next one moves; after that it waits in the queue.

import { channelOf } from "./cell_channel.js";
import { Outbox, post } from "./outbox.js";
import { requestKey } from "./request_key.js";
import { SceneBlend } from "./scene_blend.js";
import { toast } from "./toast.js";

const page = document.querySelector("[data-watch]");
const part = (name) => page.querySelector(`[data-${name}]`);
const REFERENCES = {
  demonstration: "the first frame of the region's demonstration",
  trial: "the first frame of a trial in the region",
  simulation: "drawn by the simulator",
};
const STILL = {
  unattended: "The arm waits for an operator",
  held: "The arm holds",
  stopped: "Motion is stopped",
  recovering: "The arm goes home",
};

class WatchPage {
  constructor() {
    this.cell = page.dataset.watch;
    this.mayAct = "mayAct" in page.dataset;
    this.channel = channelOf(this.cell);
    this.blend = new SceneBlend(part);
    this.outbox = new Outbox();
    /** The trial that S, F and I judge: {id, title, experiment}. */
    this.trial = null;
    this.pressed = null; // number of the scene that was said to match
    this.judged = [];
    this.channel.addEventListener("state", ({ detail }) => this.hear(detail));
    if (!this.mayAct) return;
    part("matches").addEventListener("click", () => this.matches());
    part("undo").addEventListener("click", () => this.undo());
    for (const button of page.querySelectorAll("[data-outcome]")) {
      button.addEventListener("click", () => this.judge(button.dataset.outcome));
    }
    // Enter or Space held down on a focused button would press it again and again.
    page.addEventListener("keydown", (event) => {
      if (event.repeat && event.target.closest("button")) event.preventDefault();
    });
  }

  hear(state) {
    this.state = state;
    const scene = state.up && state.motion === "scene" ? state.scene : null;
    const runs = state.up && state.trial_id && state.moving && !scene;
    if (runs && this.trial?.id !== state.trial_id && this.judged.at(-1)?.id !== state.trial_id) {
      this.trial = { id: state.trial_id, title: state.activity, experiment: state.experiment_id };
    }
    this.blend.show(this.cell, scene);
    this.showScene(scene);
    this.showVerdict(Boolean(state.up && state.trial_id === this.trial?.id && !scene));
    part("quiet").hidden = Boolean(scene || (this.trial && this.mayAct));
    const [title, said] = quiet(state, this.mayAct);
    write(part("quiet-title"), title);
    write(part("quiet-said"), said);
    if (state.experiment_id) {
      part("queue").href = `/experiments/${state.experiment_id}/label`;
      part("queue").hidden = false;
    }
  }

  showScene(scene) {
    part("scene").hidden = !scene;
    const source = scene?.reference;
    write(part("reference-said"), source ? `Reference over the live picture: ${REFERENCES[source]}.` : "Live picture");
    if (!scene) return;
    const place = scene.subject ? `${scene.region}, ${scene.subject}` : scene.region;
    write(part("scene-title"), `Set the scene of ${place}`);
    write(part("scene-what"), scene.simulated ? `${first(scene.title)}. Simulated scene: the simulator has set it already.` : `${first(scene.title)}. ${scene.what}`);
    if (!this.mayAct) return;
    const mine = this.channel.isMine;
    const started = this.pressed === scene.number;
    part("matches").disabled = !mine || started;
    write(part("scene-said"), started ? "The arm starts ..." : mine ? hint(scene) : "Take the arm first, in the bar above.");
  }

  showVerdict(runs) {
    if (!this.mayAct) return;
    part("verdict").hidden = !this.trial;
    for (const button of page.querySelectorAll("[data-outcome]")) button.disabled = !this.trial;
    part("undo").disabled = this.judged.length === 0;
    if (!this.trial) return;
    write(part("verdict-title"), `Judge the ${this.trial.title}`);
    write(part("verdict-what"), runs ? "The arm stops, keeps what was recorded, and goes home." : "It has ended. Judge it here, or later in the queue.");
  }

  async matches() {
    const { scene } = this.state;
    this.pressed = scene.number;
    this.hear(this.state);
    try {
      await this.channel.post("scene_matches", { token: this.channel.token, scene: scene.number });
    } catch (error) {
      this.pressed = null;
      toast(error.message, { error: true });
    }
  }

  judge(outcome) {
    const trial = this.trial;
    if (!trial) return;
    this.trial = null;
    this.judged.push(trial);
    this.say(`${first(trial.title)}: ${outcome}.`);
    this.hear(this.state);
    this.outbox.add(() => this.send(trial, outcome)).catch((refusal) => {
      this.judged.splice(this.judged.indexOf(trial) >>> 0, 1);
      this.trial ??= trial;
      this.say("");
      this.hear(this.state);
      toast(refusal.message, { error: true });
    });
  }

  async send(trial, outcome) {
    const fields = { outcome, request_key: requestKey(), experiment_id: trial.experiment };
    if (this.channel.isMine) fields.token = this.channel.token;
    const answer = await post(`/trials/${trial.id}/live-label`, fields);
    this.say(`${first(trial.title)}: ${outcome}, stored.`);
    if (answer.notice) toast(answer.notice);
  }

  undo() {
    const trial = this.judged.pop();
    if (!trial) return;
    this.say(`${first(trial.title)}: label taken back.`);
    this.outbox
      .add(() => post("/labels/undo", { experiment_id: trial.experiment, trial_id: trial.id, request_key: requestKey() }))
      .then(() => (this.trial ??= trial))
      .catch((refusal) => {
        this.say("");
        toast(refusal.message, { error: true });
      })
      .finally(() => this.hear(this.state));
  }

  say(text) {
    write(part("said"), text);
  }
}

function hint(scene) {
  return scene.simulated ? "Look at it, then press Matches." : "Step back from the arm before you press.";
}

/** @returns {[string, string]} what the page says while nothing is to be set or judged: a title and a sentence */
function quiet(state, mayAct) {
  if (!state.up) return ["The cell is not there", state.message];
  if (state.motion in STILL) return [STILL[state.motion], state.note];
  if (state.busy) return ["The arm moves", `${first(state.activity)}.`];
  return ["Nothing for you to do here", mayAct ? "When a trial runs, judge it here while the arm moves." : "Nothing runs now."];
}

const first = (text) => text[0].toUpperCase() + text.slice(1);

/** Unchanged text is left alone: a screen reader says it again otherwise. */
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

if (page) new WatchPage();
