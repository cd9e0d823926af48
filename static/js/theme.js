// The switch between light and dark. Charts redraw on the event "theme-changed" of the document.

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light" | "dark"} what is shown now */
export function currentTheme() {
  return document.documentElement.dataset.theme ?? (darkSystem.matches ? "dark" : "light");
}

function tell() {
  document.dispatchEvent(new CustomEvent("theme-changed"));
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.addEventListener("click", () => {
    const next = currentTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    tell();
  });
}
darkSystem.addEventListener("change", tell);
