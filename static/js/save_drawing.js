// Saves a drawing as a file that stands alone: computed looks become attributes, always in the light palette.

const LOOKS = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "stroke-opacity", "opacity", "font-size", "font-weight", "text-anchor", "paint-order",
];
const MARGIN = 16;
const TITLE = 30;
const PNG_SCALE = 3;
const NAMESPACE = "http://www.w3.org/2000/svg";

/** A copy of the drawing on white with its title, free of style sheets, links and what is for screens only. */
function standAlone(svg, title) {
  const stage = document.createElement("div");
  stage.className = "figure-drawing save-stage";
  const copy = svg.cloneNode(true);
  stage.append(copy);
  document.body.append(stage);
  for (const node of copy.querySelectorAll(".touch, .screen-only")) node.remove();
  for (const node of copy.querySelectorAll("*")) {
    const computed = getComputedStyle(node);
    for (const name of LOOKS) {
      const value = computed.getPropertyValue(name);
      if (value) node.setAttribute(name, value);
    }
  }
  stage.remove();
  for (const node of copy.querySelectorAll("*")) {
    for (const { name } of [...node.attributes]) {
      if (/^(class|tabindex|role|aria-.*|data-.*)$/.test(name)) node.removeAttribute(name);
    }
  }
  for (const link of copy.querySelectorAll("a")) link.replaceWith(...link.childNodes);
  return framed(copy, svg.viewBox.baseVal, title);
}

function framed(copy, { width, height }, title) {
  const frame = document.createElementNS(NAMESPACE, "svg");
  const [fullWidth, fullHeight] = [width + 2 * MARGIN, height + 2 * MARGIN + TITLE];
  frame.setAttribute("xmlns", NAMESPACE);
  frame.setAttribute("width", fullWidth);
  frame.setAttribute("height", fullHeight);
  frame.setAttribute("viewBox", `0 0 ${fullWidth} ${fullHeight}`);
  frame.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  const add = (name, attributes, text = "") => {
    const made = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    frame.append(made);
    return made;
  };
  add("title", {}, title);
  add("rect", { width: fullWidth, height: fullHeight, fill: "white" });
  const look = { "font-size": 15, "font-weight": 600, fill: "#17212b" };
  add("text", { x: MARGIN, y: MARGIN + 12, ...look }, title);
  const inside = add("g", { transform: `translate(${MARGIN} ${MARGIN + TITLE})` });
  inside.append(...copy.childNodes);
  return { text: new XMLSerializer().serializeToString(frame), width: fullWidth, height: fullHeight };
}

async function asPng({ text, width, height }) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(width * PNG_SCALE), Math.round(height * PNG_SCALE)];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * @param {SVGElement} svg that is drawn
 * @param {"svg" | "png"} kind of file
 * @param {string} title that stands above the drawing in the file
 * @param {string} name of the file, without ending
 */
export async function saveDrawing(svg, kind, title, name) {
  const made = standAlone(svg, title);
  const blob = kind === "png" ? await asPng(made) : new Blob([made.text], { type: "image/svg+xml" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
