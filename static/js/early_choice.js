// A choice that was made before the page's scripts were there, or that the browser brought back from an earlier
// visit, is told once they are: what the rest of the page shows depends on it.

document.addEventListener("DOMContentLoaded", () => {
  for (const select of document.querySelectorAll("select[data-early-choice]")) {
    const written = [...select.options].find((option) => option.defaultSelected) ?? select.options[0];
    if (select.value !== written.value) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
