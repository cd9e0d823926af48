// The live news of a page end once nobody is signed in.
// Loaded by the base page alone: it listens, and must not listen twice.

import { findOut } from "./signed_out.js";

document.body.addEventListener("htmx:sseError", async ({ target, detail: { source } }) => {
  if (!(await findOut())) return;
  source.close();
  target.removeAttribute("sse-connect"); // htmx opens another as long as it stands there
});
