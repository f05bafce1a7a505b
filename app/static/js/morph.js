// hx-swap="morph": the new fragment grows into the old one; focus and caret stay, and so does what was typed or chosen
// and not sent yet: only the form that was sent gives its fields away. A field in which nobody wrote takes the new value,
// even with the focus in it: what it said before would be sent for what a person wrote.
// idiomorph's own extension may call Function(), which the content policy forbids; this one never does.
let sent;
const options = {
  morphStyle: "outerHTML", restoreFocus: true,
  callbacks: { beforeNodeMorphed: (old, fresh) => !(same(old, fresh) && written(old) && !sent?.contains(old)) },
};

const ticks = field => ["checkbox", "radio"].includes(field.type);
const same = (old, fresh) => old.id === fresh.id && old.name === fresh.name && old.type === fresh.type
  && (!ticks(old) || old.value === fresh.value);

function written(field) {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement) return chosen(field);
  if (!(field instanceof HTMLInputElement)) return false;
  return ticks(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function chosen(select) {
  const options = [...select.options], byItself = Math.max(0, options.findIndex(one => one.defaultSelected));
  return select.multiple
    ? options.some(one => one.selected !== one.defaultSelected)
    : select.selectedIndex !== byItself;
}

window.htmx?.defineExtension("kit-morph", {
  isInlineSwap: style => style === "morph",
  handleSwap(style, target, fragment) {
    if (style !== "morph") return false;
    const fresh = fragment.nodeType === Node.DOCUMENT_FRAGMENT_NODE ? fragment.firstElementChild : fragment;
    return window.Idiomorph.morph(target, fresh, options);
  },
});

// An element that lost its hx-get to a morph still hears its topic. It asks no more, and what it asked before is not
// taken: with its hx-swap gone as well, the answer would land inside it.
const lost = ({ elt, verb }) => verb === "get" && !elt.hasAttribute("hx-get");
addEventListener("htmx:configRequest", event => {
  if (lost(event.detail)) event.preventDefault();
});
addEventListener("htmx:beforeSwap", event => {
  const asked = event.detail.requestConfig;
  sent = asked.verb === "get" ? null : asked.elt.closest("form");
  if (lost(asked)) event.preventDefault();
});
