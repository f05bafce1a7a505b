// hx-swap="morph": the new fragment grows into the old one; focus, caret and what is being typed stay.
// idiomorph's own extension may call Function(), which the content policy forbids; this one never does.
const options = { morphStyle: "outerHTML", ignoreActiveValue: true, restoreFocus: true };

window.htmx?.defineExtension("kit-morph", {
  isInlineSwap: style => style === "morph",
  handleSwap(style, target, fragment) {
    if (style !== "morph") return false;
    const fresh = fragment.nodeType === Node.DOCUMENT_FRAGMENT_NODE ? fragment.firstElementChild : fragment;
    return window.Idiomorph.morph(target, fresh, options);
  },
});

// An element that lost its hx-get to a morph still hears its topic: it asks no more, or its answer would land inside it.
addEventListener("htmx:configRequest", event => {
  const { elt, verb } = event.detail;
  if (verb === "get" && !elt.hasAttribute("hx-get")) event.preventDefault();
});
