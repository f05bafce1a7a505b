// What a candidate types is never lost. <textarea data-draft-key data-draft-revision>:
//   data-draft-url        takes POST (form-encoded): the field's name and value, revision, csrf_token. Answers 2xx, or
//                         409 when a newer revision is there (another tab), 410 when nothing is taken any more.
//                         Without it the draft stays on the phone
//   data-draft-key        names this draft on this phone, e.g. "<interview>-<question>"
//   data-draft-revision   the revision the server holds (0: none)
//   data-local, data-saved, data-offline, data-restored, data-elsewhere, data-closed    the sentences for [data-draft-status]
//   data-draft-done="key"  on any element: that answer was accepted, its draft is forgotten here
// Without a connection nothing is submitted: the page stays, says so, and sends the draft when it is back.
// Typed text is on the phone within 2 s, on the server every 4 s while it changes and whenever the page is left: a browser
// that is killed writes what it keeps on the phone to its disk only every few seconds, and later the more often it did.
import "./countdown.js";

const LOCAL = 1000, REMOTE = 4000, PREFIX = "draft:";
const store = { get: key => { try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch { return null; } }, set: (key, value) => { try { localStorage.setItem(PREFIX + key, JSON.stringify(value)); return true; } catch { return false; } }, drop: key => { try { localStorage.removeItem(PREFIX + key); } catch { /* no storage */ } } };

class Draft {
  constructor(field) {
    this.field = field;
    this.key = field.dataset.draftKey;
    this.revision = Number(field.dataset.draftRevision || 0);
    this.status = document.querySelector("[data-draft-status]");
    this.sent = field.value;
    this.restore();
    field.addEventListener("input", () => this.changed());
    field.addEventListener("blur", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush(true));
    addEventListener("pagehide", () => this.flush(true));
    addEventListener("online", () => this.flush());
    addEventListener("storage", event => event.key === PREFIX + this.key && event.newValue && this.tell("elsewhere"));
    field.form?.addEventListener("submit", event => this.submit(event));
    addEventListener("pageshow", event => { if (event.persisted) this.closed = false; });
  }

  restore() {
    const kept = store.get(this.key);
    if (!kept) return;
    if (kept.text === this.field.value) this.revision = Math.max(this.revision, kept.revision);
    else if (kept.revision > this.revision || (kept.revision === this.revision && kept.dirty)) {
      this.field.value = kept.text;
      this.revision = kept.revision;
      this.tell("restored");
      this.remote = setTimeout(() => this.send(), LOCAL);
    } else store.drop(this.key);
  }

  submit(event) {
    this.keep();
    if (!navigator.onLine) { event.preventDefault(); this.tell("offline"); return; }
    this.closed = true;
    clearTimeout(this.remote);
  }

  keep() {
    clearTimeout(this.local);
    this.local = null;
    return store.set(this.key, { text: this.field.value, revision: this.revision, dirty: this.field.value !== this.sent });
  }

  changed() {
    this.local ??= setTimeout(() => { if (this.keep()) this.tell("local"); }, LOCAL);
    this.remote ??= setTimeout(() => this.send(), REMOTE);
  }

  flush(leaving = false) {
    if (this.closed || this.field.value === this.sent) return;
    this.keep();
    this.send(leaving);
  }

  async send(leaving = false) {
    clearTimeout(this.remote);
    this.remote = null;
    if (this.closed || this.stale || !this.field.dataset.draftUrl || (this.busy && !leaving)) return;
    const text = this.field.value, revision = this.revision + 1;
    const body = new URLSearchParams({ [this.field.name]: text, revision, csrf_token: document.querySelector("input[name=csrf_token]")?.value ?? "" });
    this.revision = revision;
    this.keep(); // with its number: after a reload this page must not count from where the server was before it
    this.busy = true;
    try {
      const answer = await fetch(this.field.dataset.draftUrl, { method: "POST", body, keepalive: leaving });
      if (answer.status === 409 || answer.status === 410) { this.stale = true; this.tell(answer.status === 409 ? "elsewhere" : "closed"); return; }
      if (!answer.ok) throw new Error(answer.status);
      this.sent = text;
      this.keep();
      this.tell(this.field.value === text ? "saved" : "local");
    } catch {
      this.tell("offline");
      this.remote ??= setTimeout(() => this.send(), REMOTE);
    } finally { this.busy = false; }
  }

  tell(what) { if (this.status && this.field.dataset[what]) this.status.textContent = this.field.dataset[what]; }
}

document.querySelectorAll("[data-draft-done]").forEach(done => store.drop(done.dataset.draftDone));
document.querySelectorAll("textarea[data-draft-key]").forEach(field => new Draft(field));
