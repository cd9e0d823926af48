// A press on a button before the page's scripts hear it is held, and made once they do; without this it would be
// lost. Runs first, before anything can be pressed. Links and forms work without scripts and are let through.
{
  const FORGOTTEN_MS = 3000; // after a wait so long nobody reckons with it any more
  let held = null;

  const hold = (event) => {
    const button = event.isTrusted && event.target.closest?.("button[type=button]");
    if (!button) return;
    event.stopImmediatePropagation();
    held = { button, at: performance.now() };
  };

  window.addEventListener("click", hold, true);
  document.addEventListener("DOMContentLoaded", () => {
    setTimeout(() => { // after all others who wait for this moment
      window.removeEventListener("click", hold, true);
      if (held?.button.isConnected && performance.now() - held.at < FORGOTTEN_MS) held.button.click();
    });
  });
}
