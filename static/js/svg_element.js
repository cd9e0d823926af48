// SVG elements: charts are built from these, so that what is saved is what is drawn.

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param {string} name of the element
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  }
  made.append(...children);
  return made;
}

/**
 * @param {number} width in CSS pixels
 * @param {number} height in CSS pixels
 * @param {string} description for those who do not see it
 * @returns {SVGElement} an empty drawing
 */
export function drawing(width, height, description) {
  const made = element("svg", {
    class: "drawing",
    viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
    role: "group",
    "aria-label": description,
  });
  made.style.width = `${Math.ceil(width)}px`; // one unit is one pixel, whatever the page says of pictures
  made.style.height = `${Math.ceil(height)}px`;
  return made;
}

/** @returns {SVGElement} text at a point, with a class for its look */
export function words(text, x, y, look, attributes = {}) {
  return element("text", { x, y, class: look, ...attributes }, text);
}
