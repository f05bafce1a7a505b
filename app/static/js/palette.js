// Ctrl+K or [data-palette-open]: <x-palette data-url="/palette"> of the layout, a combobox over links.
// The options in the page are filtered at once; data-url?q= may answer with further <a role="option" id="…"> elements.
import { fill } from "./say.js";

class Palette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.input = this.querySelector("input");
    this.list = this.querySelector("[role=listbox]");
    this.own = [...this.list.children];
    this.input.addEventListener("input", () => this.filter());
    this.input.addEventListener("keydown", event => this.key(event));
    addEventListener("keydown", event => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") { event.preventDefault(); this.toggle(); }
    });
    document.querySelectorAll("[data-palette-open]").forEach(button => { button.hidden = false; button.addEventListener("click", () => this.toggle()); });
  }

  toggle() {
    if (this.dialog.open) return this.dialog.close();
    this.input.value = "";
    this.filter();
    this.dialog.showModal();
  }

  options() { return [...this.list.querySelectorAll("[role=option]:not([hidden])")]; }

  choose(option) {
    this.list.querySelectorAll("[role=option]").forEach(other => other.setAttribute("aria-selected", String(other === option)));
    this.input.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  async filter() {
    const query = this.input.value.trim().toLowerCase();
    this.own.forEach(option => { option.hidden = !option.textContent.toLowerCase().includes(query); });
    this.list.replaceChildren(...this.own);
    this.done();
    if (query.length < 2) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(query), 150);
  }

  async ask(query) {
    const answer = await fetch(`${this.dataset.url}?q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true", "HX-Target": "palette-list" } }).catch(() => null);
    if (!answer?.ok || this.input.value.trim().toLowerCase() !== query) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.list.append(...parsed.querySelectorAll("[role=option]"));
    this.done();
  }

  done() {
    const options = this.options(), place = this.querySelector(".count");
    this.choose(options[0]);
    place.textContent = options.length === 1 ? place.dataset.saidOne : fill(place.dataset.said, { count: options.length });
  }

  key(event) {
    const options = this.options(), at = options.findIndex(option => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) this.choose(options[(at + step + options.length) % options.length]);
    else if (event.key === "Enter" && options[at]) options[at].click();
    else return;
    event.preventDefault();
  }
}

customElements.define("x-palette", Palette);
