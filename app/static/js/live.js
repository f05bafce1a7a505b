// The one stream of a page. The page fills the layout's block:
//   {% block live %}{{ ui.live(["job.17"]) }}{% endblock %}     (attributes of <body>: sse-connect, sse-close)
// and whatever depends on a topic re-reads itself:
//   <section id="queue" hx-get="…" hx-trigger="sse:job.17" hx-target="this" hx-swap="morph">
// Here: the quiet word that says whether the line is up (#live-state), and letting go when the page is left.
const state = document.getElementById("live-state");
let source;

function show(up) {
  if (!state) return;
  state.hidden = false;
  state.dataset.tone = up ? "ok" : "warn";
  const text = up ? state.dataset.live : state.dataset.lost;
  const place = state.querySelector("[role=status]");
  if (place.textContent !== text) place.textContent = text;
}

addEventListener("htmx:sseOpen", event => { source = event.detail.source; show(true); });
addEventListener("htmx:sseError", () => show(false));
addEventListener("htmx:sseClose", () => { if (state) state.hidden = true; });
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", event => { if (event.persisted && source) location.reload(); });
