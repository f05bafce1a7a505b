// The panel beside a board, for board.js: <aside class="panel" id="panel" data-card="id of the open card">.
//   [data-panel-close]   a link back to the board; closes without loading, and the focus returns to the card
// Escape inside the panel does the same.
function close(board, link) {
  const panel = link.closest(".panel"), card = document.getElementById(panel.dataset.card);
  const nothing = Object.assign(document.createElement("div"), { id: panel.id, hidden: true });
  window.htmx?.trigger(panel, "htmx:abort"); // whoever was asked for and is not here yet, with their address
  panel.replaceWith(nothing);
  history.pushState({ htmx: true }, "", link.href.split("#")[0]);
  mark(board);
  board.go(card ?? board.querySelector(".card"));
}

export function mark(board) {
  const open = document.querySelector(".panel[data-card]")?.dataset.card, before = board.querySelector(".card[aria-current]")?.id;
  board.querySelectorAll(".card").forEach(card => { card.id === open ? card.setAttribute("aria-current", "true") : card.removeAttribute("aria-current"); });
  if (open && open !== before) document.getElementById(open)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function panel(board) {
  addEventListener("click", event => {
    const link = board.isConnected && event.target.closest("[data-panel-close]");
    if (link) { event.preventDefault(); close(board, link); }
  });
  addEventListener("keydown", event => {
    const link = event.key === "Escape" && board.isConnected && !document.querySelector("dialog[open], details[data-menu][open]") && document.activeElement?.closest(".panel")?.querySelector("[data-panel-close]");
    if (link) { event.preventDefault(); close(board, link); }
  });
}
