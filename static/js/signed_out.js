// Whether this page still has somebody signed in. Who loses a stream asks; once nobody is, the page says so, and
// its streams stay closed instead of asking for ever.

let signedOut = false;
let asking = null;

/** @returns {boolean} whether it is known that nobody is signed in any more */
export const isSignedOut = () => signedOut;

/** To be called by who has lost a stream. @returns {Promise<boolean>} whether nobody is signed in any more */
export function findOut() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  if (signedOut) return true;
  const answer = await fetch("/api/v1/users/me", { cache: "no-store" }).catch(() => null);
  if (answer?.status !== 401) return false; // a studio that is away says nothing about it
  signedOut = true;
  document.getElementById("signed-out").hidden = false;
  return true;
}
