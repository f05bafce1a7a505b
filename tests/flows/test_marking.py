"""A field's place is marked in the picture and in the text: by pointer, by keyboard, by tap, and without a script."""

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.candidates.commands import keep_resume, register
from app.candidates.models import Resume
from app.identity.commands import actor_of
from app.postings.commands import write_posting
from tenants.db import db
from tests.chaos.processes import until
from tests.conftest import PASSWORD
from tests.web.axe import overflow, violations

pytestmark = pytest.mark.browser
CV = (
    "Cara Diaz\ncara@example.org\n\nExperience\nNurse, City Hospital\n2019 - 2024\n"
    + "- Led a ward\n" * 70
    + "\nSkills\nDialysis\n"
)
ON = "() => [...document.querySelectorAll('[data-on]')].map(one => one.tagName + ' ' + one.dataset.at)"


@pytest.fixture
def resume(alpha, cast, in_tenant, drain, flask_app):
    """Of two pages."""
    storage, rita = flask_app.extensions["providers"].storage, actor_of(cast.rita)
    with in_tenant(alpha):
        cara, job = register(name="Cara"), write_posting(text="Nurse in Pune", by=cast.rita, actor=rita)
        db.session.flush()
        kept = keep_resume(cara, file_name="cara.txt", data=CV.encode(), storage=storage, by=rita)
        apply(job, cara, resume=kept, source="upload", by=rita)
    drain()
    with in_tenant(alpha):
        return db.session.scalars(sa.select(Resume.id)).one()


def window(chromium, served, *, scripts=True, **how):
    context = chromium.new_context(base_url=served.url("alpha"), java_script_enabled=scripts, **how)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "rita@alpha.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def field(page, name):
    return page.locator("a.spot", has_text=name).first


def in_sight(page, place):
    """Sooner or later: a jump shows after its address does."""

    def now():
        box, size = page.locator(place).bounding_box(), page.viewport_size
        return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["width"] > 4

    return until(now, seconds=30)


def marked(page, number):
    return until(lambda: sorted(page.evaluate(ON)) == [f"SPAN {number}", f"rect {number}"], seconds=30)


def test_c1_a_field_marks_its_place_in_the_original(chromium, served, resume):
    wide = window(chromium, served, viewport={"width": 1280, "height": 800}, color_scheme="light")
    wide.goto(f"/resumes/{resume}")
    skill = field(wide, "Dialysis")
    mark = skill.get_attribute("data-mark")
    wide.locator("figure img").nth(1).scroll_into_view_if_needed()
    skill.hover()
    assert marked(wide, mark)
    assert in_sight(wide, f"rect[data-at='{mark}']")
    with wide.expect_response(f"**/resumes/{resume}"):
        wide.evaluate(
            "() => { const read = document.querySelector('#resume'); htmx.trigger(read, read.getAttribute('hx-trigger')); }"
        )
    wide.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    assert marked(wide, mark)
    field(wide, "City Hospital").focus()
    firm = field(wide, "City Hospital").get_attribute("data-mark")
    wide.mouse.move(0, 0)
    assert marked(wide, firm)
    wide.keyboard.press("Enter")
    wide.wait_for_url(f"**#place-{firm}")
    assert in_sight(wide, f"#place-{firm}")
    assert (violations(wide), overflow(wide)) == ([], 0)
    wide.context.close()

    phone = window(chromium, served, viewport={"width": 360, "height": 740}, color_scheme="dark", has_touch=True)
    phone.goto(f"/resumes/{resume}")
    field(phone, "Dialysis").tap()
    phone.wait_for_url(f"**#place-{mark}")
    assert in_sight(phone, f"#place-{mark}")
    assert marked(phone, mark)
    assert (violations(phone), overflow(phone)) == ([], 0)
    phone.context.close()

    plain = window(chromium, served, scripts=False, viewport={"width": 1280, "height": 800})
    plain.goto(f"/resumes/{resume}")
    field(plain, "Dialysis").click()
    plain.wait_for_url(f"**#place-{mark}")
    assert in_sight(plain, f"#place-{mark}")
    plain.context.close()
