// <x-drop> around a file input (ui.drop): files can be dropped, each is listed with its state, and those over data-max
// bytes are refused before anything is sent.
//   data-max, data-too-big, data-chosen, data-waiting, data-sent, data-failed   limit and words
//   data-upload="/jobs/17/resumes"    with it, files are sent one by one as soon as they are chosen (POST, field name of
//                                     the input, CSRF token), and the form's own button, which would send them twice, goes
//   data-done="#queue"                and afterwards the htmx element named here gets the event "uploaded"
// Without a script it is a plain file input in a plain form.
import { token } from "./say.js";

class Drop extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=file]");
    this.list = this.querySelector(".files");
    this.querySelector("[data-drop-hint]").hidden = false;
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    if (this.dataset.upload) this.input.form.querySelector("[type=submit]").hidden = true;
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) this.addEventListener(type, this);
  }

  handleEvent(event) {
    event.preventDefault();
    this.toggleAttribute("data-over", event.type === "dragenter" || event.type === "dragover");
    if (event.type !== "drop") return;
    const files = [...event.dataTransfer.files].slice(0, this.input.multiple ? undefined : 1);
    if (!files.length) return;
    this.hold(files);
    this.take(files);
  }

  hold(files) {
    const box = new DataTransfer();
    files.forEach(file => box.items.add(file));
    this.input.files = box.files;
  }

  row(file) {
    const row = document.createElement("li"), name = document.createElement("span"), state = document.createElement("span");
    name.className = "trunc";
    name.textContent = file.name;
    state.className = "state";
    row.append(name, state);
    this.list.append(row);
    return { row, tell: (word, tone) => { state.textContent = this.dataset[word]; if (tone) row.dataset.tone = tone; } };
  }

  async take(files) {
    this.list.replaceChildren();
    const small = files.filter(file => file.size <= Number(this.dataset.max));
    const rows = new Map(files.map(file => [file, this.row(file)]));
    files.filter(file => !small.includes(file)).forEach(file => rows.get(file).tell("tooBig", "bad"));
    this.hold(small);
    small.forEach(file => rows.get(file).tell(this.dataset.upload ? "waiting" : "chosen"));
    if (!this.dataset.upload) return;
    for (const file of small) await this.send(file, rows.get(file));
    this.input.value = "";
    if (this.dataset.done) window.htmx?.trigger(this.dataset.done, "uploaded");
  }

  send(file, { row, tell }) {
    const request = new XMLHttpRequest(), bar = document.createElement("progress"), body = new FormData();
    body.append(this.input.name, file);
    bar.className = "prog prog-wide";
    bar.max = 1;
    bar.setAttribute("aria-label", file.name);
    row.append(bar);
    request.upload.addEventListener("progress", event => { bar.value = event.loaded / event.total; });
    return new Promise(done => {
      request.addEventListener("loadend", () => {
        bar.remove();
        const ok = request.status >= 200 && request.status < 300;
        tell(ok ? "sent" : "failed", ok ? "ok" : "bad");
        const said = !ok && request.status >= 400 && request.status < 500 && request.responseText;
        if (said && said.length < 200 && !said.includes("<")) row.querySelector(".state").textContent = said;
        done();
      });
      request.open("POST", this.dataset.upload);
      request.setRequestHeader("X-CSRFToken", token());
      request.setRequestHeader("HX-Request", "true");
      request.send(body);
    });
  }
}

customElements.define("x-drop", Drop);
