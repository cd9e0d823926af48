// Why a trial failed, said in the moments after it was judged: digits name the failure mode, letters how far it came.
// Nobody has to: the panel goes by itself, or with the next judgement.

const STAYS_MS = 6000;

export class WhyPanel {
  #place;
  #leaves = 0;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    // who writes, or points at it, is not hurried
    place.addEventListener("focusin", () => this.#hold());
    place.addEventListener("pointerenter", () => this.#hold());
    place.addEventListener("pointerleave", () => this.#leaveSoon());
  }

  /**
   * @param {HTMLElement} card the trial that was judged a failure
   * @param {(said: Record<string, string | number>) => void} say takes what is said, as fields of a label
   */
  ask(card, say) {
    const template = card.querySelector("template[data-why]");
    if (!template?.content.querySelector("button")) return;
    this.#place.replaceChildren(template.content.cloneNode(true));
    this.#place.onclick = ({ target }) => this.#press(target.closest("button"), say);
    this.#leaveSoon();
  }

  dismiss() {
    clearTimeout(this.#leaves);
    this.#place.replaceChildren();
  }

  #press(button, say) {
    if (!button) return;
    const same = "mode" in button.dataset ? "[data-mode]" : "[data-reached]";
    for (const each of this.#place.querySelectorAll(same)) each.setAttribute("aria-pressed", each === button);
    if (button.dataset.mode === "other") return this.#askOther(say);
    say("mode" in button.dataset ? { failure_mode: button.dataset.mode } : { milestones: button.dataset.reached });
    this.#leaveSoon();
  }

  #askOther(say) {
    const label = this.#place.querySelector(".why-other");
    const field = label.querySelector("input");
    label.hidden = false;
    field.focus();
    field.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation();
      const note = field.value.trim();
      if (event.key === "Enter" && note) say({ failure_mode: "other", note });
      this.dismiss();
    };
  }

  #hold() {
    clearTimeout(this.#leaves);
    this.#place.classList.add("held");
  }

  #leaveSoon() {
    clearTimeout(this.#leaves);
    if (this.#place.contains(document.activeElement) && document.activeElement.matches("input")) return;
    this.#place.classList.remove("held");
    const clock = this.#place.querySelector(".why-clock");
    if (clock) clock.replaceWith(clock.cloneNode()); // its shrinking begins anew
    this.#leaves = setTimeout(() => this.dismiss(), STAYS_MS);
  }
}
