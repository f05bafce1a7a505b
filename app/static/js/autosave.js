// Drafts that save themselves: <form data-autosave="/scorecards/88/draft" data-saving="Saving…" data-saved="Draft saved {time}"
// data-unsaved="Not saved yet. Trying again."> with an element [data-autosave-status role=status] inside or named by
// data-autosave-status="id". Posts the form 700 ms after the last change, tries again when that failed, and asks before
// the page is left with something unsaved. A field [data-autosave-version] names the version that was opened: the answer is
// the next one. 409: another window was newer; data-elsewhere says so and this one stops saving by itself.
import { fill, token } from "./say.js";

const WAIT = 700, AGAIN = 5000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.place = document.getElementById(form.dataset.autosaveStatus) ?? form.querySelector("[data-autosave-status]");
    form.addEventListener("input", () => this.later(WAIT));
    form.addEventListener("submit", () => { this.dirty = false; clearTimeout(this.timer); });
    addEventListener("beforeunload", event => { if (this.dirty) event.preventDefault(); });
  }

  stop() {
    this.stopped = true;
    this.dirty = false;
    this.tell("elsewhere");
  }

  later(wait) {
    if (this.stopped) return;
    this.dirty = true;
    this.tell("saving");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  async send() {
    if (this.busy) return this.later(WAIT);
    this.busy = true;
    this.dirty = false;
    try {
      const answer = await fetch(this.form.dataset.autosave, { method: "POST", body: new FormData(this.form), headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
      if (answer.status === 409) return this.stop();
      if (!answer.ok) throw new Error(answer.status);
      const version = this.form.querySelector("[data-autosave-version]");
      if (version) version.value = await answer.text();
      if (!this.dirty) this.tell("saved");
    } catch {
      this.later(AGAIN);
      this.tell("unsaved");
    } finally { this.busy = false; }
  }

  tell(what) {
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" }).format(new Date());
    if (this.place) this.place.textContent = fill(this.form.dataset[what], { time });
  }
}

const start = root => root.querySelectorAll("form[data-autosave]").forEach(form => { form.autosave ??= new Autosave(form); });
start(document);
addEventListener("htmx:afterSettle", () => start(document));
