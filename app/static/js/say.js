// say(text): one polite live region for everything (#announcer, in the layout).
// word(name): a sentence that the layout carries in data- attributes of #announcer, already translated.
const region = () => document.getElementById("announcer");

export function say(text) {
  const place = region();
  if (!place) return;
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

export const word = name => region()?.dataset[name] ?? "";

// fill("{name} moved to {stage}", {name, stage})
export const fill = (sentence, values) => (sentence ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// Is somebody writing? Then no single key is a shortcut.
export const typing = event => Boolean(event.target.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]"));
export const keysOff = event => typing(event) || event.metaKey || event.ctrlKey || event.altKey || document.body.dataset.keys === "off" || Boolean(document.querySelector("dialog[open]"));

// The token that every change carries.
export function token() {
  const headers = document.body.getAttribute("hx-headers");
  return headers ? JSON.parse(headers)["X-CSRFToken"] : document.querySelector("input[name=csrf_token]")?.value ?? "";
}
