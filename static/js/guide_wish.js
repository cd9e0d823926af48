// What the operator wishes: where the tool shall go. Controls change it, the page sends it.

const ASPECT = 4 / 3;
const FOLLOWING = 3; // answers after the end of a drag that may still bring where it ended

export class Wish {
  constructor() {
    this.low = [0, 0, 0, 0];
    this.high = [0, 0, 0, 0];
    this.begin({ wished: [0, 0, 0, 0], room: [this.low, this.high], handle: [0, 0], foot: [0, 0] });
  }

  /** Begin where the cell says that the tool is, in the room that it has. */
  begin({ wished, room: [low, high], handle, foot }) {
    Object.assign(this, { low, high, handle, foot, pose: [...wished], snapped: false, drag: null, following: 0 });
  }

  /** Change x, y, height [m] and tilt [rad]. */
  shift(...by) {
    this.pose = this.pose.map((value, axis) => this.#within(value + (by[axis] ?? 0), axis));
  }

  /** Set one of x, y, height, tilt: 0 to 3. */
  set(axis, value) {
    this.pose[axis] = this.#within(value, axis);
  }

  /** Take the tool, or its foot on the table if that is nearer, at a point of the picture (u, v: 0 to 1 from its
   *  upper left corner). */
  grab(point) {
    const byFoot = distance(point, this.foot) < distance(point, this.handle);
    this.drag = { grabbed: point, pointer: point, began: this.pose.slice(0, 2), by_foot: byFoot };
    this.following = 0;
  }

  pull(point) {
    if (this.drag && !this.following) this.drag.pointer = point;
  }

  letGo() {
    if (this.drag) this.following = FOLLOWING;
  }

  /** Hear where the tool is in the picture, and where in space a drag has led. */
  hear({ wished, handle, foot }) {
    Object.assign(this, { handle, foot });
    if (!this.drag) return;
    this.pose.splice(0, 2, wished[0], wished[1]);
    if (this.following > 0 && --this.following === 0) this.drag = null;
  }

  get message() {
    const [x, y, height, tilt] = this.pose;
    return { place: [x, y], drag: this.drag, height_m: height, tilt_rad: tilt, snapped: this.snapped };
  }

  #within(value, axis) {
    return Math.min(Math.max(value, this.low[axis]), this.high[axis]);
  }
}

function distance([u, v], [otherU, otherV]) {
  return Math.hypot(ASPECT * (u - otherU), v - otherV);
}
