// Sends the file of <form data-upload="URL"> as the body of one request: a form's own way would keep it whole in
// the server's memory. Shows how much is sent.

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (file) send(form, file);
    else refuse(form, "Choose an archive first.");
  });
}

function send(form, file) {
  const button = form.querySelector("button");
  const sending = form.querySelector("[data-sending]");
  const request = new XMLHttpRequest(); // fetch does not tell how much is sent
  request.open("POST", `${form.dataset.upload}?name=${encodeURIComponent(form.elements.name.value)}`);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/zip");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    sending.querySelector("progress").value = loaded / total;
    sending.querySelector("[data-sent]").textContent =
      loaded < total ? `${Math.floor((100 * loaded) / total)} %` : "Sent; the studio looks at it";
  });
  request.addEventListener("load", () => {
    if (request.status < 400) form.reset(); // the list below, which is live, gets its line
    else refuse(form, problemOf(request));
  });
  request.addEventListener("error", () => refuse(form, "The studio does not answer. Is it still running?"));
  request.addEventListener("loadend", () => {
    button.disabled = false;
    sending.hidden = true;
  });
  form.querySelector("[data-problem]").hidden = true;
  button.disabled = true;
  sending.hidden = false;
  request.send(file);
}

function problemOf(request) {
  try {
    return JSON.parse(request.responseText).error;
  } catch {
    return "The studio refused the file. Try it again.";
  }
}

function refuse(form, message) {
  const problem = form.querySelector("[data-problem]");
  problem.textContent = message;
  problem.hidden = false;
}
