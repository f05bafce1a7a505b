// Time in words, for the one who has a limit: <section data-ends-at="…Z" data-server-now="…Z"> with [data-time] inside.
//   data-left "About {minutes} minutes left", data-left-one, data-soon (the last 60 s), data-over
//   data-over-sends="form id"   at the end that form is submitted, once; the server, not this page, decides what is late
// The phone's own clock may be wrong, so only the distance between the two times counts. The text changes once a minute;
// with data-soon the section gets [data-soon] and the sentence is spoken once. Nothing empties, nothing blinks.
const MINUTE = 60000;

class Countdown {
  constructor(place) {
    this.place = place;
    this.text = place.querySelector("[data-time]");
    this.words = { ...place.dataset };
    delete place.dataset.soon;
    this.end = performance.now() + (new Date(place.dataset.endsAt) - new Date(place.dataset.serverNow));
    this.tick();
  }

  tick() {
    const left = this.end - performance.now(), minutes = Math.round(left / MINUTE);
    if (left <= MINUTE) {
      this.place.dataset.soon = "";
      this.text.setAttribute("role", "status");
    }
    this.say(left <= 0 ? this.words.over : left <= MINUTE ? this.words.soon : minutes <= 1 ? this.words.leftOne : this.words.left.replace("{minutes}", minutes));
    if (left <= 0) document.getElementById(this.words.overSends)?.requestSubmit();
    if (left > 0) setTimeout(() => this.tick(), Math.min(left, left > MINUTE ? Math.max(1000, Math.min(MINUTE / 2, left - MINUTE)) : left) + 50);
  }

  say(words) { if (this.text.textContent !== words) this.text.textContent = words; }
}

document.querySelectorAll("[data-ends-at][data-server-now]").forEach(place => new Countdown(place));
