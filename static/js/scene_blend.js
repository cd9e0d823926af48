// The reference picture of a scene and the outline of its region, over the live picture.

export class SceneBlend {
  #part;
  #shown = null; // number of the scene

  /** @param {(name: string) => Element} part finds the page's element with that data attribute */
  constructor(part) {
    this.#part = part;
    part("opacity").addEventListener("input", () => this.#mix());
    for (const name of ["difference", "outline-switch"]) {
      part(name).addEventListener("click", ({ currentTarget: button }) => {
        button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
        this.#mix();
      });
    }
  }

  /** @param {string} cell @param {object | null} scene as the cell's state tells it */
  show(cell, scene) {
    if ((scene?.number ?? null) === this.#shown) return;
    this.#shown = scene?.number ?? null;
    const picture = this.#part("reference");
    if (scene?.reference) picture.src = `/cells/${cell}/scene/${scene.number}.jpg`;
    else picture.removeAttribute("src");
    const points = (scene?.outline ?? []).map((point) => point.join(",")).join(" ");
    for (const polygon of this.#part("outline").children) polygon.setAttribute("points", points);
    this.#part("blend").hidden = !scene || (!scene.reference && !points);
    this.#part("difference").disabled = this.#part("opacity").disabled = !scene?.reference;
    this.#part("outline-switch").disabled = !points;
    this.#mix();
  }

  #mix() {
    const picture = this.#part("reference");
    const difference = this.#isOn("difference");
    picture.toggleAttribute("hidden", !picture.hasAttribute("src"));
    picture.classList.toggle("is-difference", difference);
    picture.style.opacity = difference ? 1 : this.#part("opacity").value;
    this.#part("outline").toggleAttribute("hidden", this.#shown === null || !this.#isOn("outline-switch"));
  }

  #isOn(name) {
    return this.#part(name).getAttribute("aria-pressed") === "true";
  }
}
