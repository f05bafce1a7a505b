// Several at once: <form id="bulk" data-bulk data-said="{count} selected"> with submit buttons; the boxes are
// <input type="checkbox" form="bulk" name="application" value="…"> anywhere on the page (ui.card has them).
//   data-bulk-all      a checkbox that selects all boxes of the form (in a table's head), and says whether all are
//   data-bulk-clear    a button that clears them
// The bar shows while something is selected; Escape clears. Without a script the bar always shows.
import { fill, keysOff, say } from "./say.js";

const form = document.querySelector("form[data-bulk]");
const boxes = () => [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];

function update(aloud) {
  const shown = boxes().length, chosen = boxes().filter(box => box.checked).length;
  form.hidden = !chosen;
  document.querySelectorAll("[data-bulk-all]").forEach(all => {
    all.checked = shown > 0 && chosen === shown;
    all.indeterminate = chosen > 0 && chosen < shown;
  });
  const text = fill(form.dataset.said, { count: chosen });
  form.querySelector("b").textContent = text;
  if (aloud) say(text);
}

function set(checked) {
  boxes().forEach(box => { box.checked = checked; });
  update(true);
}

if (form) {
  addEventListener("change", event => {
    if (event.target.matches("[data-bulk-all]")) set(event.target.checked);
    else if (event.target.matches(`input[form="${form.id}"]`)) update(true);
  });
  form.querySelector("[data-bulk-clear]")?.addEventListener("click", () => set(false));
  addEventListener("keydown", event => {
    if (event.key === "Escape" && !form.hidden && !keysOff(event)) set(false);
  });
  // A list that re-reads itself keeps what is selected.
  let kept = new Set();
  addEventListener("htmx:beforeSwap", () => { kept = new Set(boxes().filter(box => box.checked).map(box => box.value)); });
  addEventListener("htmx:afterSettle", () => {
    boxes().filter(box => kept.has(box.value)).forEach(box => { box.checked = true; });
    update(false);
  });
  update(false);
}
