// One figure on the page: its data, its drawing, its table of numbers, and its files.

import { saveDrawing } from "./save_drawing.js";
import { tooltipIn } from "./tooltip.js";

export class Figure {
  /**
   * @param {HTMLElement} root the figure element, with data-figure
   * @param {string} base address of the dashboard
   * @param {(data: object, width: number, figure: Figure) => SVGElement} draw
   * @param {() => string} query of the selectors that this figure depends on, such as "?region=3"
   * @param {() => string} title above the drawing in a saved file
   */
  constructor(root, base, draw, query, title) {
    this.root = root;
    this.name = root.dataset.figure;
    this.frame = root.querySelector("[data-drawing]"); // what the tooltip may leave; the drawing scrolls inside
    this.scroll = root.querySelector("[data-scroll]");
    this.tooltip = tooltipIn(this.frame);
    this.draw = draw;
    this.base = base;
    this.query = query;
    this.title = title;
    this.asked = 0;
    root.querySelector("[data-numbers]").addEventListener("toggle", () => this.#showNumbers());
    for (const button of root.querySelectorAll("[data-save]")) {
      button.addEventListener("click", () => this.#save(button.dataset.save));
    }
    new ResizeObserver(() => this.redraw()).observe(this.frame);
  }

  /** Ask for the data anew and draw them; the answer to an older question is dropped. */
  async refresh() {
    const asked = ++this.asked;
    this.root.querySelector("[data-csv]").href = `${this.base}/${this.name}.csv${this.query()}`;
    const answer = await fetch(`${this.base}/${this.name}.json${this.query()}`, { headers: { accept: "application/json" } });
    const data = await answer.json();
    if (asked !== this.asked) return;
    if (answer.ok) this.data = data;
    const missing = this.root.querySelector("[data-missing]");
    missing.textContent = answer.ok ? (data.missing ?? []).join(" ") : data.error;
    missing.hidden = !missing.textContent;
    this.redraw(true);
    await this.#showNumbers();
  }

  /** Draw again what is known, where the width has changed or on demand. */
  redraw(anyway = false) {
    const width = Math.floor(this.frame.clientWidth);
    if (!this.data || !width || (!anyway && width === this.width)) return;
    this.width = width;
    const focused = this.svg?.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const svg = this.draw(this.data, width, this);
    this.svg = svg;
    this.tooltip.hide();
    this.scroll.replaceChildren(svg);
    this.frame.removeAttribute("aria-busy");
    if (focused) svg.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  async #showNumbers() {
    const details = this.root.querySelector("[data-numbers]");
    if (!details.open) return;
    const answer = await fetch(`${this.base}/${this.name}/numbers${this.query()}`, { headers: { "HX-Request": "true" } });
    this.root.querySelector("[data-table]").innerHTML = await answer.text();
  }

  #save(kind) {
    if (this.svg) saveDrawing(this.svg, kind, this.title(), `${this.root.dataset.file}-${this.name}`);
  }
}
