// What the operator wishes: where the tool shall go. Controls change it, the page sends it.

const ASPECT = 4 / 3;

export class Wish {
  constructor() {
    this.number = 0;
    this.low = [0, 0, 0, 0];
    this.high = [0, 0, 0, 0];
    this.begin({ wished: [0, 0, 0, 0], room: [this.low, this.high], handle: [0, 0], foot: [0, 0] });
  }

  /** Begin where the cell says that the tool is, in the room that it has. */
  begin({ wished, room: [low, high], handle, foot }) {
    Object.assign(this, { low, high, handle, foot, pose: [...wished], snapped: false, drag: null, endsAt: null });
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
    this.endsAt = null;
  }

  pull(point) {
    if (this.drag && this.endsAt === null) this.drag.pointer = point;
  }

  /** The drag ends when the cell has heard of its last point. */
  letGo() {
    this.endsAt ??= this.drag ? this.number + 1 : null;
  }

  /** Hear where the tool is in the picture, and where in space a drag has led. */
  hear({ wished, handle, foot, follows }) {
    Object.assign(this, { handle, foot });
    if (!this.drag) return;
    this.pose.splice(0, 2, wished[0], wished[1]);
    if (this.endsAt !== null && follows >= this.endsAt) [this.drag, this.endsAt] = [null, null];
  }

  /** The next message to the cell. */
  next() {
    const [x, y, height, tilt] = this.pose;
    this.number += 1;
    const { drag, snapped, number } = this;
    return { place: [x, y], drag, height_m: height, tilt_rad: tilt, snapped, number };
  }

  #within(value, axis) {
    return Math.min(Math.max(value, this.low[axis]), this.high[axis]);
  }
}

function distance([u, v], [otherU, otherV]) {
  return Math.hypot(ASPECT * (u - otherU), v - otherV);
}
