// How long words are before they are drawn: legends are laid out by it.

const FAMILY = "Helvetica, Arial, sans-serif"; // of saved files
const pen = document.createElement("canvas").getContext("2d");

/** @returns {number} width of a text in pixels */
export function textWidth(text, size = 13, weight = 400) {
  pen.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const shown = pen.measureText(text).width;
  pen.font = `${weight} ${size}px ${FAMILY}`;
  return Math.max(shown, pen.measureText(text).width);
}
