// Evidence by selecting: a passage of the transcript is pinned to a dimension, word for word.
//   [data-turn="<id>"][data-place="07:12"]    a turn of the transcript
//   <div data-pinbar role="toolbar">          shows while eight letters or more of one turn are selected
//     <button data-pin="<dimension>">         pins to it
//   <div data-pins="<dimension>">             gets <blockquote class="quote">, with hidden inputs pin = "dimension|turn|words"
//   [data-unpin] in a pinned quote            a button that takes it out again; without a script it submits
//   [data-no-pins="<dimension>"]              shows while nothing is pinned there
//   data-pinned, data-unpin on the pinbar     words: "Pinned to {name}", "Remove"
//   [data-rated] and progress[data-rated-bar] count the groups of radio buttons in the form: "{done} of {all} chosen"
import { fill, say } from "./say.js";

const LEAST = 8;
const bar = document.querySelector("[data-pinbar]");

function selected() {
  const chosen = getSelection(), text = chosen?.toString().trim() ?? "";
  const turn = node => (node?.nodeType === 1 ? node : node?.parentElement)?.closest("[data-turn]");
  const from = turn(chosen?.anchorNode), to = turn(chosen?.focusNode);
  return text.length >= LEAST && from && from === to ? { text, turn: from } : null;
}

function quote({ text, turn }, dimension) {
  const block = document.createElement("blockquote"), words = document.createElement("q"), foot = document.createElement("footer");
  const remove = document.createElement("button"), input = document.createElement("input"), place = document.createElement("span");
  block.className = "quote sm";
  words.textContent = text;
  place.textContent = turn.dataset.place ?? "";
  remove.type = "button";
  remove.className = "btn btn-ghost btn-small";
  remove.textContent = bar.dataset.unpin;
  remove.dataset.unpin = "";
  input.type = "hidden";
  input.name = "pin";
  input.value = [dimension, turn.dataset.turn, text].join("|");
  foot.append(place, remove);
  block.append(words, foot, input);
  return block;
}

const changed = form => form?.dispatchEvent(new Event("input", { bubbles: true }));

function count(form) {
  const names = new Set([...form.querySelectorAll(".scale input")].map(input => input.name));
  const done = [...names].filter(name => form.elements[name].value).length;
  const place = document.querySelector("[data-rated]"), progress = document.querySelector("[data-rated-bar]");
  if (place) place.textContent = fill(place.dataset.rated, { done, all: names.size });
  if (progress) { progress.max = names.size; progress.value = done; }
  form.querySelectorAll("[data-no-pins]").forEach(hint => {
    hint.hidden = Boolean(form.querySelector(`[data-pins="${CSS.escape(hint.dataset.noPins)}"] .quote`));
  });
}

function unpin(event) {
  const button = event.target.closest("[data-pins] [data-unpin]"), block = button?.closest(".quote");
  if (!block) return;
  event.preventDefault();
  const form = block.closest("form"), group = block.closest("fieldset");
  block.remove();
  changed(form);
  group?.focus();
}

if (bar) {
  bar.hidden = true;
  document.addEventListener("selectionchange", () => { bar.hidden = !selected(); });
  bar.addEventListener("pointerdown", event => event.preventDefault());
  bar.addEventListener("click", event => {
    const button = event.target.closest("[data-pin]"), found = button && selected();
    if (!found) return;
    const place = document.querySelector(`[data-pins="${CSS.escape(button.dataset.pin)}"]`);
    place.append(quote(found, button.dataset.pin));
    changed(place.closest("form"));
    getSelection().removeAllRanges();
    say(fill(bar.dataset.pinned, { name: button.textContent.trim() }));
  });
}
document.querySelectorAll("form:has(.scale)").forEach(form => {
  form.addEventListener("input", () => count(form));
  form.addEventListener("click", unpin);
  count(form);
});
