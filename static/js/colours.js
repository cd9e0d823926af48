// Colours of the style sheet for canvases, which do not know CSS variables.

/**
 * @param {string} name of a custom property, such as "--series-1"
 * @returns {string} the colour as it is in the present theme, such as "rgb(11, 95, 138)"
 */
export function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
