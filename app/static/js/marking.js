// A field's place in the original, marked while the field has the pointer or the focus, and after it was followed.
//   <a data-mark="3" href="#place-3">   the field; without a script the link leads to the place
//   <rect data-at="3">, <span data-at="3 7">   its places: in the picture, in the text
const places = mark => document.querySelectorAll(`[data-at~="${CSS.escape(mark)}"]`);
const fieldOf = target => target.closest?.("[data-mark]");

function show(mark) {
  for (const place of document.querySelectorAll("[data-at][data-on]")) place.removeAttribute("data-on");
  if (!mark) return;
  for (const place of places(mark)) place.setAttribute("data-on", "");
}

// What has the focus stays marked when the pointer leaves something else, and else the link that was followed last.
const followed = () => fieldOf(document.activeElement)?.dataset.mark ?? /^#place-(\d+)$/.exec(location.hash)?.[1];

// Each pane scrolls by itself to what it has of it; the pane that the field stands in stays where it is.
function reveal(field) {
  const own = field.closest(".scroll");
  for (const place of places(field.dataset.mark)) {
    const pane = place.closest(".scroll");
    if (!pane || pane === own || pane.scrollHeight <= pane.clientHeight) continue;
    const at = place.getBoundingClientRect(), seen = pane.getBoundingClientRect();
    if (at.top < seen.top || at.bottom > seen.bottom) pane.scrollTop += at.top - seen.top - seen.height / 3;
  }
}

for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  addEventListener(enter, event => {
    const field = fieldOf(event.target);
    if (field && event.pointerType !== "touch") { show(field.dataset.mark); reveal(field); }
  });
  addEventListener(leave, event => { if (fieldOf(event.target)) queueMicrotask(() => show(followed())); });
}
addEventListener("hashchange", () => show(followed()));
// A page that read itself again lost its marks; the pointer did not move, so nothing else would say where it is.
addEventListener("htmx:afterSettle", () => show(document.querySelector("[data-mark]:hover")?.dataset.mark ?? followed()));
show(followed());
