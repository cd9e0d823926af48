// What a mark tells, beside it: on hover and on focus alike. Escape hides it.

/**
 * @param {HTMLElement} frame that the marks are in; it is the tooltip's frame of reference
 */
export function tooltipIn(frame) {
  const box = document.createElement("div");
  box.className = "tooltip";
  box.setAttribute("aria-hidden", "true"); // the marks carry the same words as their labels
  box.hidden = true;
  frame.append(box);

  function show(lines, x, y) {
    box.replaceChildren(
      ...lines.map((line, place) => {
        const row = document.createElement(place ? "span" : "strong");
        row.textContent = line;
        return row;
      }),
    );
    box.hidden = false;
    const room = frame.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const left = Math.min(Math.max(0, x - size.width / 2), room.width - size.width);
    const above = y - size.height - 12;
    box.style.left = `${Math.max(0, left)}px`;
    box.style.top = `${above > -40 ? above : y + 16}px`;
  }

  function hide() {
    box.hidden = true;
  }

  frame.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });

  /** Let a mark tell its lines. */
  function attach({ node, lines }) {
    const open = () => {
      const room = frame.getBoundingClientRect();
      const place = node.getBoundingClientRect();
      show(lines, place.left + place.width / 2 - room.left, place.top - room.top);
    };
    node.addEventListener("pointerenter", open);
    node.addEventListener("focus", open);
    node.addEventListener("pointerleave", hide);
    node.addEventListener("blur", hide);
  }

  return { attach, show, hide, box };
}
