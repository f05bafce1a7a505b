// Toasts: what was done, once, with a way back. Text only, never HTML.
//   from the server:  toast(message, undo_url)  ->  HX-Trigger: {"toast": {"items": [{text, undo, tone}]}}
//   from a script:    import { toast } from "./toasts.js"; toast({ text, undo, tone })   undo: an address or a function
// Z takes back the newest one. A toast stays 12 s and waits while it is hovered or holds the focus.
// Needs <div class="toasts" id="toasts"> and <template id="toast"> of the layout.
import { keysOff, say, token, word } from "./say.js";

const LASTS = 12000;

function keep(element) {
  let left = setTimeout(() => element.remove(), LASTS);
  const stop = () => clearTimeout(left);
  const go = () => { left = setTimeout(() => element.remove(), LASTS); };
  element.addEventListener("pointerenter", stop);
  element.addEventListener("pointerleave", go);
  element.addEventListener("focusin", stop);
  element.addEventListener("focusout", go);
}

async function takeBack(undo) {
  if (typeof undo === "function") return undo();
  const answer = await fetch(undo, { method: "POST", headers: { "X-CSRFToken": token() } });
  if (answer.ok) location.reload();
  else toast({ text: word("unsaved"), tone: "bad" });
}

export function toast({ text, undo, tone }) {
  const box = document.getElementById("toasts");
  const made = document.getElementById("toast")?.content.firstElementChild.cloneNode(true);
  if (!box || !made) return;
  made.firstElementChild.textContent = text;
  if (tone) made.dataset.tone = tone;
  const button = made.querySelector("[data-undo]");
  if (undo) button.addEventListener("click", () => { made.remove(); takeBack(undo); });
  else button.remove();
  box.append(made);
  say(undo ? `${text}. ${word("undo")}` : text);
  keep(made);
}

document.querySelectorAll("#toasts .toast").forEach(keep);
addEventListener("toast", event => (event.detail.items ?? [event.detail]).forEach(toast));
addEventListener("keydown", event => {
  if (event.key !== "z" || keysOff(event)) return;
  const buttons = document.querySelectorAll("#toasts [data-undo]");
  if (buttons.length) { event.preventDefault(); buttons[buttons.length - 1].click(); }
});

// What htmx could not do, said in words; an answer with its own toast has already spoken.
addEventListener("htmx:responseError", event => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger")) return;
  toast({ text: word(xhr.status === 409 ? "conflict" : requestConfig.verb === "get" ? "unloaded" : "unsaved"), tone: "bad" });
});
addEventListener("htmx:sendError", () => toast({ text: word("offline"), tone: "bad" }));
