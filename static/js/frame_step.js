// One frame of a video on, or back.

/**
 * @param {HTMLVideoElement} video
 * @param {number} frames to move by; below 0: back
 * @param {number} frameS from one frame to the next [s]
 */
export function stepFrames(video, frames, frameS) {
  video.pause();
  const last = Math.max(0, Math.round(video.duration / frameS) - 1);
  const at = Math.floor(video.currentTime / frameS + 0.01) + frames;
  const wanted = at < 0 ? last : at > last ? 0 : at;
  video.currentTime = (wanted + 0.5) * frameS; // the middle of a frame: its edges belong to either neighbour
}
