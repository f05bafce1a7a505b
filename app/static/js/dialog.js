// Dialogs and menus out of <dialog> and <details>.
//   data-dialog="id"    on a button or link: opens <dialog id="id">; a link still leads somewhere without a script
//   data-close          on a button inside: closes it
//   data-dialog-open    on a dialog: opens when it appears (a dialog that htmx brought)
//   <details data-menu> closes by Escape, by a click elsewhere, and when the focus leaves it
const open = id => { const found = document.getElementById(id); if (found && !found.open) found.showModal(); return Boolean(found); };

addEventListener("click", event => {
  const opener = event.target.closest("[data-dialog]:not(x-board)");
  if (opener && open(opener.dataset.dialog)) event.preventDefault();
  event.target.closest("[data-close]")?.closest("dialog").close();
  document.querySelectorAll("details[data-menu][open]").forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
});
addEventListener("keydown", event => {
  const menu = event.key === "Escape" && document.activeElement?.closest("details[data-menu][open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
addEventListener("focusin", event => {
  document.querySelectorAll("details[data-menu][open]").forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
});
const appear = root => root.querySelectorAll?.("dialog[data-dialog-open]:not([open])").forEach(dialog => dialog.showModal());
addEventListener("htmx:afterSettle", event => appear(event.detail.elt.parentNode ?? document));
appear(document);
