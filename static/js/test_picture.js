// Test pictures of a camera: a new one each second while somebody looks, and at a press.

const EVERY_MS = 1000;

const pictures = [...document.querySelectorAll("[data-test-picture]")];
const problem = document.querySelector("[data-no-picture]");

/** Load the next picture beside the present one, so that nothing flickers. */
async function renew(picture) {
  const next = new Image();
  next.src = `${picture.dataset.testPicture}&at=${Date.now()}`;
  await next.decode();
  picture.src = next.src;
}

async function renewAll() {
  const tried = await Promise.allSettled(pictures.map(renew));
  const failed = tried.some(({ status }) => status === "rejected");
  problem.hidden = !failed;
  problem.textContent = failed ? "No new picture comes. Beside it stands why, and what to do." : "";
}

async function keepRenewing() {
  if (!document.hidden) await renewAll();
  setTimeout(keepRenewing, EVERY_MS);
}

document.querySelector("[data-take]").addEventListener("click", renewAll);
keepRenewing();
