// Light, dark, or as the system: <form data-scheme-form> with buttons name="scheme". Without a script the form posts;
// with it the page changes at once and the choice is sent behind.
addEventListener("submit", event => {
  const form = event.target.closest("[data-scheme-form]");
  if (!form) return;
  event.preventDefault();
  const scheme = event.submitter?.value ?? "";
  if (scheme) document.documentElement.dataset.theme = scheme;
  else delete document.documentElement.dataset.theme;
  form.querySelectorAll("button").forEach(button => button.setAttribute("aria-pressed", String(button === event.submitter)));
  const body = new URLSearchParams(new FormData(form));
  body.set("scheme", scheme);
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});
