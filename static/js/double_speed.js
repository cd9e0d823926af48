// Videos with data-speed play at that speed, those too that htmx puts on the page later.

function setSpeed(root) {
  for (const video of root.querySelectorAll?.("video[data-speed]") ?? []) {
    video.defaultPlaybackRate = video.playbackRate = Number(video.dataset.speed);
  }
}

setSpeed(document);
document.body.addEventListener("htmx:load", (event) => setSpeed(event.target.parentNode ?? event.target));
