// Where the keyboard goes.
//   focus_to("#id") on the server     -> focus after the fragment has settled (HX-Trigger-After-Settle: {"focus-to": …})
//   data-autofocus                    -> takes the focus when it appears: error summaries, headings of panels
//   data-search                       -> the key / leads here
//   aria-busy on htmx's target while it loads
import { keysOff } from "./say.js";

const settle = root => (root.matches?.("[data-autofocus]") ? root : root.querySelector?.("[data-autofocus]"))?.focus();

addEventListener("focus-to", event => document.querySelector(event.detail.value)?.focus());
addEventListener("htmx:afterSettle", event => settle(event.detail.elt));
addEventListener("htmx:beforeRequest", event => event.detail.target?.setAttribute("aria-busy", "true"));
addEventListener("htmx:afterRequest", event => event.detail.target?.removeAttribute("aria-busy"));
addEventListener("keydown", event => {
  const search = event.key === "/" && !keysOff(event) && document.querySelector("[data-search]");
  if (search) { event.preventDefault(); search.focus(); }
});
settle(document);
