// The ways to move the tool: pointer, second finger, wheel, keys, gamepad. All of them change one wish.

const SPEED_M_S = 0.15;
const TILT_RAD_S = 0.7;
const SLOWLY = 0.3;
const WHEEL_M = 0.0004; // a pixel of scrolling
const WHEEL_RAD = 0.002;
const LONGEST_S = 0.1; // after a hiccup of the browser the tool does not leap
const FINGER_M = 0.5; // height of the picture
const DEAD_STICK = 0.15;

// The camera stands opposite the robot: the picture's right is +y of the base frame, its upper edge is -x.
const KEYS = {
  ArrowUp: [-1, 0, 0, 0], ArrowDown: [1, 0, 0, 0], ArrowLeft: [0, -1, 0, 0], ArrowRight: [0, 1, 0, 0],
  PageUp: [0, 0, 1, 0], PageDown: [0, 0, -1, 0], q: [0, 0, 0, -1], e: [0, 0, 0, 1],
};

export class Controls {
  #held = new Set();
  #slow = false;
  #fingers = new Map();
  #pressed = [];

  /**
   * @param {HTMLElement} screen the picture
   * @param {Wish} wish what is changed
   * @param {{go: Function, snap: Function}} acts of the gamepad's buttons
   */
  constructor(screen, wish, acts) {
    Object.assign(this, { screen, wish, acts, on: false });
    screen.addEventListener("pointerdown", (event) => this.#down(event));
    screen.addEventListener("pointermove", (event) => this.#moved(event));
    for (const end of ["pointerup", "pointercancel"]) screen.addEventListener(end, (event) => this.#up(event));
    screen.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keyup", ({ key, shiftKey }) => {
      this.#slow = shiftKey;
      this.#held.delete(named(key));
    });
    addEventListener("blur", () => this.#held.clear());
  }

  /** Move on by what is held down for so many seconds. */
  advance(seconds) {
    const pad = navigator.getGamepads?.().find((each) => each);
    const sum = [0, 0, 0, 0];
    for (const key of this.#held) KEYS[key].forEach((way, axis) => (sum[axis] += way));
    if (pad) this.#stick(pad).forEach((way, axis) => (sum[axis] += way));
    const pace = Math.min(seconds, LONGEST_S) * (this.#slow ? SLOWLY : 1);
    if (this.on && sum.some((way) => way)) {
      this.wish.letGo();
      this.wish.shift(...sum.map((way, axis) => way * pace * (axis === 3 ? TILT_RAD_S : SPEED_M_S)));
    }
  }

  #down(event) {
    if (!this.on || (event.pointerType === "mouse" && event.button !== 0)) return;
    this.screen.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, this.#point(event));
    if (this.#fingers.size === 1) {
      this.wish.grab(this.#point(event));
      this.screen.dataset.dragging = "";
    }
  }

  #moved(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before || !this.on) return;
    const point = this.#point(event);
    this.#fingers.set(event.pointerId, point);
    if (this.#fingers.keys().next().value === event.pointerId) this.wish.pull(point);
    else this.wish.shift(0, 0, (before[1] - point[1]) * FINGER_M);
  }

  #up(event) {
    if (this.#fingers.keys().next().value === event.pointerId) {
      this.wish.letGo();
      delete this.screen.dataset.dragging;
    }
    this.#fingers.delete(event.pointerId);
  }

  #wheel(event) {
    if (!this.on) return;
    event.preventDefault();
    const way = -(event.deltaY || event.deltaX); // with Shift, some browsers scroll sideways
    if (event.shiftKey) this.wish.shift(0, 0, 0, way * WHEEL_RAD);
    else this.wish.shift(0, 0, way * WHEEL_M);
  }

  #key(event) {
    this.#slow = event.shiftKey;
    const key = named(event.key);
    const slider = event.target.matches?.("input[type=range]");
    if (!this.on || event.ctrlKey || event.altKey || event.metaKey || !(key in KEYS) || slider) return;
    event.preventDefault();
    this.#held.add(key);
  }

  #stick(pad) {
    const [left, up, , rise] = pad.axes.map((value) => (Math.abs(value) > DEAD_STICK ? value : 0));
    const down = pad.buttons.map((button) => button.pressed);
    if (down[0] && !this.#pressed[0]) this.acts.go();
    if (down[2] && !this.#pressed[2]) this.acts.snap();
    this.#pressed = down;
    return [up ?? 0, left ?? 0, -(rise ?? 0), (down[5] ? 1 : 0) - (down[4] ? 1 : 0)];
  }

  /** Where in the picture: u, v from 0 to 1. */
  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.screen.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }
}

function named(key) {
  return key.length === 1 ? key.toLowerCase() : key;
}
