// A key made anew for each act, so that the same act sent twice is done once.

/** @returns {string} 32 hex digits; crypto.randomUUID would need https or localhost, a tablet in the lab has neither */
export function requestKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
