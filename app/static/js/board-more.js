// The rest of a column, for board.js: its "Show more" link brings the next cards, pressed or scrolled into view.
// The link's address answers HX-Target: more_cards with <ul id="more_cards" data-rest data-next data-text>cards</ul>.
// A board that re-reads itself asks for as many cards as it shows (?shown=).
const PAGE = 25;

async function bring(link) {
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "more_cards" } }).catch(() => null);
  link.removeAttribute("aria-busy");
  if (!answer?.ok) return;
  const list = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("more_cards");
  const column = link.closest(".col");
  if (!list || !column) return;
  const cards = [...list.querySelectorAll(".card")].filter(card => !document.getElementById(card.id));
  column.querySelector(".cards").append(...cards);
  cards.forEach(card => window.htmx.process(card));
  column.dataset.more = list.dataset.rest;
  column.toggleAttribute("data-uncounted", "uncounted" in list.dataset);
  if (list.dataset.next) Object.assign(link, { href: list.dataset.next, textContent: list.dataset.text });
  else link.remove();
  column.closest("x-board").tidy();
}

export function more(board) {
  const near = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => bring(entry.target)), { root: board, rootMargin: "0px 0px 300px" });
  board.addEventListener("click", event => {
    const link = event.target.closest(".col > a[href]");
    if (link) { event.preventDefault(); bring(link); }
  });
  addEventListener("htmx:configRequest", event => {
    const shown = Math.max(...board.columns.map(column => board.cards(column).length));
    if (event.detail.elt.contains(board) && shown > PAGE) event.detail.parameters.shown = shown;
  });
  return () => board.querySelectorAll(".col > a[href]").forEach(link => near.observe(link));
}
