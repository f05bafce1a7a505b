// <x-board>: columns of cards. Made by ui.board, ui.column, ui.card, ui.move_dialog.
//   .col[data-stage][data-name][data-more]   a column; data-more counts the cards not shown
//   .card[data-move][data-version]           a card; data-move takes POST stage, version; answers 2xx, and X-Version
//                                            when the version changed; 409 and other errors put the card back
//   x-board[data-dialog]                     the dialog with radio buttons name="stage"
//   x-board[data-moved|undone|failed|many|title]   sentences with {name}, {stage}, {count}
// Only one card is in the tab order. Arrows and J K go, Shift+arrow moves a stage, S the dialog, X selects, O opens,
// Z undoes. Dragging does the same as S. Every move can be taken back. The letters also work while nothing has the focus:
// the first J then goes to the card that Tab would reach.
import { dragging } from "./board-drag.js";
import { more } from "./board-more.js";
import { mark, panel } from "./board-panel.js";
import { keysOff } from "./say.js";
import { ask, move } from "./moves.js";

const all = (selector, root) => [...root.querySelectorAll(selector)];

class Board extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.addEventListener("keydown", event => this.keydown(event));
    this.addEventListener("focusin", event => this.rove(event.target.closest(".card")));
    this.addEventListener("click", event => this.clicked(event));
    addEventListener("keydown", event => this.isConnected && event.target === document.body && this.fromNowhere(event));
    dragging(this);
    panel(this);
    this.watch = more(this);
    addEventListener("htmx:afterSettle", () => this.isConnected && this.tidy());
    this.tidy();
  }

  get columns() { return all(".col", this); }
  cards(column) { return all(".card", column); }
  picked() { return all(".card:has(.pick :checked)", this); }

  tidy() {
    if (document.querySelector(".panel[data-card], #panel")) mark(this);
    this.watch();
    this.tabIndex = this.querySelector(".card") ? -1 : 0;
    all(".card[data-move]", this).forEach(card => { card.draggable = true; });
    this.rove(document.activeElement?.closest(".card") ?? this.querySelector(".card[aria-current]") ?? this.querySelector(".card"));
  }

  rove(card) {
    if (!card || !this.contains(card)) return;
    all(".card", this).forEach(other => all("a,button,input", other).forEach(part => { part.tabIndex = other === card ? 0 : -1; }));
  }

  go(card) {
    if (!card) return;
    this.rove(card);
    card.querySelector(".name").focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  clicked(event) {
    if (!event.target.closest(".more")) return;
    event.preventDefault();
    ask(this, [event.target.closest(".card")]);
  }

  fromNowhere(event) {
    const card = this.querySelector(".name[tabindex='0']")?.closest(".card");
    if (!card || keysOff(event) || !"jksxo".includes(event.key)) return;
    event.preventDefault();
    this.go(card);
    if (!"jk".includes(event.key)) this.keydown(event, card);
  }

  keydown(event, card = event.target.closest(".card")) {
    if (!card || keysOff(event)) return;
    const at = this.columns.indexOf(card.closest(".col")), list = this.cards(this.columns[at]), row = list.indexOf(card);
    const ahead = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const sideways = { ArrowRight: ahead, ArrowLeft: -ahead }[event.key];
    const down = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (sideways && event.shiftKey) move(this, [card], this.columns[at + sideways]);
    else if (sideways) this.go(this.beside(at, row, sideways));
    else if (down) this.go(list[row + down]);
    else if (event.key === "x") card.querySelector(".pick input")?.click();
    else if (event.key === "s") ask(this, this.picked().length ? this.picked() : [card]);
    else if (event.key === "o") card.querySelector(".name").click();
    else return;
    event.preventDefault();
  }

  beside(at, row, step) {
    for (let next = at + step; this.columns[next]; next += step) {
      const list = this.cards(this.columns[next]);
      if (list.length) return list[Math.min(row, list.length - 1)];
    }
    return null;
  }
}

customElements.define("x-board", Board);
