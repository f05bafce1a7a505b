"""People at their screens: each has a browser of their own, and what a browser complains about is kept."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import PASSWORD
from tests.web.axe import overflow, violations

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
PATIENCE = 60_000

JOB = """Senior Backend Engineer (Python)
Berlin, hybrid. EUR 70,000 - 85,000 a year.

What you will do
- Design and run payment services in Python and PostgreSQL
- Review code and help juniors grow
- Find and repair faults together with the people on call

What you bring
- 5+ years of experience with Python
- PostgreSQL, Docker, REST APIs

Nice to have
- Kubernetes, Redis
"""
RESUME = """<!doctype html><title>Resume</title>
<h1>Mira Castellanos</h1>
<p>mira.castellanos@people.example &middot; +49 30 901820 &middot; Berlin, Germany</p>
<h2>Experience</h2>
<p>Backend Engineer, Foo GmbH<br>Jan 2019 - present</p>
<ul><li>Built the payments service in Python and PostgreSQL</ul>
<p>Developer, Bar AG<br>03/2015 - 12/2018</p>
<h2>Education</h2>
<p>BSc Computer Science, TU Berlin, 2011 - 2014</p>
<h2>Skills</h2>
<p>Python, PostgreSQL, Docker, Kubernetes</p>
"""
SHORT = "We fixed it."
GOOD = (
    "In March 2024 our payment service slowed down at noon: 400 requests a minute waited for one lock in PostgreSQL. I "
    "read the slow query log first, found the transaction that held a row for nine seconds, and wrote a test that "
    "showed it. Then I split the transaction, because the letter did not have to be sent inside it, reviewed the change "
    "with two colleagues, and released it behind a switch. Afterwards I measured for a week: waiting fell from nine "
    "seconds to 40 milliseconds, and we had no failed payment. I wrote the steps down, and a junior repeated them alone."
)
CHANGED = "I called the two people on call, we rolled back within ten minutes, and I wrote the report the same day."

MOVING = ".htmx-request, .htmx-swapping, .htmx-settling, [aria-busy=true]"


@dataclass
class Looked:
    """Which kinds of pages were checked, each once, and what was wrong with any of them."""

    kinds: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


class Window:
    """One person's browser at the address of one company."""

    def __init__(self, chromium, address: str, screen: dict, looked: Looked) -> None:
        self.context = chromium.new_context(base_url=address, locale="en-GB", reduced_motion="reduce", **screen)
        self.context.set_default_timeout(PATIENCE)
        self.touch = bool(screen.get("has_touch"))
        self.looked = looked
        self.said: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message) -> None:
        if message.type == "error":
            self.said.append(f"{message.text} ({message.location.get('url')})")

    def fine(self, kind: str) -> None:
        """No complaint of the browser, nothing wider than the screen, and axe content, once for each kind of page."""
        self.quiet(kind)
        if kind in self.looked.kinds:
            return
        self.looked.kinds.add(kind)
        if self._seen():  # in the middle of a change that nothing announces: what is wrong stays wrong
            self.page.wait_for_timeout(1000)
            self.looked.wrong += [f"{kind}: {found}" for found in self._seen()]

    def _seen(self) -> list[str]:
        """What axe says once nothing moves."""
        self.page.wait_for_function(f"() => !document.querySelector('{MOVING}')")
        self.page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove())")
        return violations(self.page)

    def quiet(self, kind: str) -> None:
        self.page.wait_for_load_state()
        self.page.wait_for_function("() => document.body")
        if wider := overflow(self.page):
            self.looked.wrong.append(f"{kind}: {wider} px wider than the screen")
        self.looked.wrong += [f"{kind}: {words}" for words in self.said]
        self.said.clear()

    def sign_in(self, name: str) -> None:
        self.page.goto("/sign-in")
        self.fine("sign in")
        self.page.get_by_label("E-mail").fill(f"{name}@alpha.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Password").press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def way(self, name: str) -> None:
        """Along the rail, which is a bar at the foot of a phone."""
        ways = self.page.get_by_role("navigation", name="Main")
        ways.get_by_role("link", name=re.compile(f"^{name}")).click()
        self.page.get_by_role("heading", level=1).wait_for()

    def button(self, name: str):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str):
        return self.page.get_by_role("link", name=name, exact=True)

    def text(self, words: str):
        return self.page.get_by_text(words)

    def choose(self, name: str, value: str) -> None:
        """A radio button, by keyboard where there is one."""
        option = self.page.locator(f"[name={name}][value={value}]")
        if self.touch:
            self.page.locator("label", has=option).tap()
        else:
            option.focus()
            self.page.keyboard.press("Space")


def resume_pdf(chromium, folder: Path) -> Path:
    """As a word processor would print it."""
    page = chromium.new_page()
    page.set_content(RESUME)
    path = folder / "mira-castellanos.pdf"
    page.pdf(path=path, format="A4")
    page.close()
    return path
