// Many marks, one stop of the Tab key: arrow keys move among them by row and column.

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

function nearest(marks, from, [down, right]) {
  const ahead = marks.filter((mark) =>
    down ? (mark.row - from.row) * down > 0 : mark.row === from.row && (mark.column - from.column) * right > 0,
  );
  const distance = (mark) => Math.abs(mark.row - from.row) * 1000 + Math.abs(mark.column - from.column);
  return ahead.sort((one, other) => distance(one) - distance(other))[0];
}

/** @param {{node: SVGElement, row: number, column: number}[]} marks */
export function roveAmong(marks) {
  marks.forEach((mark, place) => {
    mark.node.setAttribute("tabindex", place ? "-1" : "0");
    mark.node.addEventListener("keydown", (event) => {
      const next = STEPS[event.key] && nearest(marks, mark, STEPS[event.key]);
      if (!next) return;
      event.preventDefault();
      mark.node.setAttribute("tabindex", "-1");
      next.node.setAttribute("tabindex", "0");
      next.node.focus();
    });
  });
}
