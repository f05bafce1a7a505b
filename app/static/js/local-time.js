// <time datetime="2026-11-22T09:00:00Z" data-local> is rewritten in the browser's own zone, with the zone's name.
// What the server wrote stays as the title. Use it where the reader's zone is not known, as on public pages.
const write = root => root.querySelectorAll("time[data-local]").forEach(time => {
  time.title = time.textContent.trim();
  const parts = { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, parts).format(new Date(time.dateTime));
  time.removeAttribute("data-local");
});
write(document);
addEventListener("htmx:afterSettle", event => write(event.detail.elt));
