// Moves of cards, for board.js: on the page at once, then on the server, and back when the server says no.
import { fill, say, token } from "./say.js";
import { toast } from "./toasts.js";
function count(board) {
  board.columns.forEach(column => {
    const number = column.querySelector("header .n");
    if (number && !("uncounted" in column.dataset)) number.textContent = (board.cards(column).length + Number(column.dataset.more || 0)).toLocaleString(document.documentElement.lang);
  });
}

function put(board, card, column) {
  column.querySelector(".cards").prepend(card);
  count(board);
}

const nameOf = (board, cards) => cards.length > 1 ? fill(board.dataset.many, { count: cards.length }) : cards[0].querySelector(".name").textContent;

// To `stage`, or back over the batch that `undo` names (X-Undo of the move's answer).
async function post(card, stage, undo) {
  const fields = undo ? {} : { stage, version: card.dataset.version ?? "" };
  const body = new URLSearchParams({ ...fields, csrf_token: token() });
  card.setAttribute("aria-busy", "true");
  try {
    return await fetch(undo ?? card.dataset.move, { method: "POST", body, headers: { "HX-Request": "true" } });
  } catch {
    return null;
  } finally { card.removeAttribute("aria-busy"); }
}

// Somebody was first: show what they did, where the board knows how to read itself again.
function reread(board) {
  const region = board.closest("[hx-get][hx-trigger]");
  if (region) window.htmx.trigger(region, region.getAttribute("hx-trigger"));
}

function reason(answer) {
  try { return JSON.parse(answer.headers.get("HX-Trigger")).toast.items[0].text; } catch { return ""; }
}

// One after the other, so that the server sees them in order. Which stayed: [{card, from}].
async function send(board, moves, stage) {
  const kept = [];
  let failed = "";
  for (const { card, from, undo } of moves) {
    const answer = await post(card, stage, undo);
    if (answer?.ok) {
      card.dataset.version = answer.headers.get("X-Version") ?? card.dataset.version;
      kept.push({ card, from, undo: answer.headers.get("X-Undo") ?? undefined });
    } else {
      put(board, card, from);
      failed ||= (answer && reason(answer)) || board.dataset.failed;
    }
  }
  if (failed) {
    toast({ text: failed, tone: "bad" });
    board.go(moves[0].card);
    reread(board);
  }
  return kept;
}

async function takeBack(board, kept) {
  const stages = new Set();
  for (const { card, from, undo } of kept) {
    const now = card.closest(".col");
    put(board, card, from);
    const back = await send(board, [{ card, from: now, undo }], from.dataset.stage);
    if (back.length) stages.add(from.dataset.name);
  }
  board.go(kept[0].card);
  if (stages.size) say(fill(board.dataset.undone, { name: nameOf(board, kept.map(move => move.card)), stage: [...stages].join(", ") }));
}

export async function move(board, cards, column) {
  const moves = column ? cards.filter(card => card.dataset.move && card.closest(".col") !== column).map(card => ({ card, from: card.closest(".col") })) : [];
  if (!moves.length) return;
  moves.forEach(({ card }) => put(board, card, column));
  board.go(moves[0].card);
  const kept = await send(board, moves, column.dataset.stage);
  if (!kept.length) return;
  const name = nameOf(board, kept.map(one => one.card));
  toast({ text: fill(board.dataset.moved, { name, stage: column.dataset.name }), undo: () => takeBack(board, kept) });
}

// The dialog: the way without dragging, for touch, keyboard and screen readers.
export function ask(board, cards) {
  const dialog = document.getElementById(board.dataset.dialog), form = dialog?.querySelector("form");
  if (!form || !cards[0].dataset.move) return;
  dialog.querySelector("h2").textContent = fill(board.dataset.title, { name: nameOf(board, cards) });
  const here = form.querySelector(`[name=stage][value="${CSS.escape(cards[0].closest(".col").dataset.stage)}"]`);
  if (here) here.checked = true;
  dialog.returnValue = "";
  dialog.onclose = () => {
    const stage = new FormData(form).get("stage");
    board.go(cards[0]);
    if (dialog.returnValue === "ok") move(board, cards, board.columns.find(column => column.dataset.stage === stage));
  };
  dialog.showModal();
}
