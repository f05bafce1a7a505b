// Dragging for board.js: a card over a column, let go, is a move like any other.
import { move } from "./moves.js";

export function dragging(board) {
  let held = null;
  const mark = over => board.columns.forEach(column => column.classList.toggle("drop", column === over && !column.contains(held)));
  const letGo = () => { mark(null); held?.classList.remove("dragging"); held = null; };

  board.addEventListener("dragstart", event => {
    held = event.target.closest?.(".card[data-move]") ?? null;
    if (!held) return;
    held.classList.add("dragging");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.id);
  });
  board.addEventListener("dragover", event => {
    const column = held && event.target.closest?.(".col");
    if (column) event.preventDefault();
    mark(column);
  });
  board.addEventListener("drop", event => {
    const column = held && event.target.closest?.(".col"), card = held;
    if (!column) return;
    event.preventDefault();
    letGo();
    move(board, [card], column);
  });
  board.addEventListener("dragend", letGo);
}
