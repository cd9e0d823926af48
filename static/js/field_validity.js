// A field is invalid as long as an error stands in its notes, also where these were redrawn without it.

document.addEventListener("htmx:afterSettle", () => {
  for (const field of document.querySelectorAll("#layout-fields [aria-describedby]")) {
    const notes = document.getElementById(field.getAttribute("aria-describedby"));
    if (notes?.querySelector(".field-error")) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
});
