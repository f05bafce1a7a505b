"""Jobs in the browser: written, read, corrected, published, and who may."""

import re
from html import unescape

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.identity.commands import actor_of
from app.kernel.errors import Invalid
from app.postings import commands
from app.postings.enums import SkillKind
from app.postings.models import Posting, Stage, TeamSeat
from tenants.db import db

TEXT = """Senior Nurse, Intensive Care
Location: Pune, on site
Salary: INR 900,000 - 1,200,000 per year

Requirements
- 5 years of intensive care nursing
- Ventilator management

Nice to have
- Dialysis
"""

BLANK = {"seniority": "", "remote": "", "place": "", "unit": "year"}


@pytest.fixture
def job(alpha, cast, in_tenant):
    """A draft of Rita's."""
    with in_tenant(alpha):
        return commands.write_posting(text=TEXT, by=cast.rita, actor=actor_of(cast.rita)).id


def stored(alpha, in_tenant, job):
    with in_tenant(alpha):
        return db.session.get_one(Posting, job)


def stages(alpha, in_tenant, job):
    with in_tenant(alpha):
        return list(db.session.scalars(sa.select(Stage).where(Stage.posting_id == job).order_by(Stage.position)))


def test_writing_leads_to_a_plan_that_fills_in(browser, drain):
    rita = browser("rita")

    written = rita.post("/jobs/new", data={"text": TEXT})
    waiting = rita.get(written.location).text
    drain()
    read = rita.get(written.location).text

    assert written.status_code == 303
    assert ("Reading the text." in waiting, "Reading the text." in read) == (True, False)
    assert "Proposed by assay-built-in/1" in read
    assert re.findall(r'name="title"[^>]*value="([^"]*)"', read) == ["Senior Nurse"]
    assert "Ventilator" in read


def test_writing_without_text_keeps_the_title(browser):
    answer = browser("rita").post("/jobs/new", data={"title": "Nurse", "text": ""})

    assert answer.status_code == 422
    assert 'value="Nurse"' in answer.text
    assert "Paste or write the text of the job." in answer.text


def test_a_title_that_a_person_typed_survives_the_reading(browser, drain, alpha, in_tenant):
    written = browser("rita").post("/jobs/new", data={"text": TEXT, "title": "ICU nurse"})
    drain()

    assert stored(alpha, in_tenant, written.location.split("/")[2]).title == "ICU nurse"


def test_what_a_person_writes_before_the_reading_ends_stays(browser, job, drain, alpha, in_tenant):
    """And is not read into the other list; the first reading's own skills stand after it."""
    rita = browser("rita")
    rita.post(
        f"/jobs/{job}/plan/details",
        data={"title": "Nurse", "place": "Nagpur", "seniority": "", "remote": "", "unit": "year"},
    )
    for skill in ("Triage", "dialysis"):
        rita.post(f"/jobs/{job}/plan/must_have", data={"must_have-skill": skill})
    drain()

    found = stored(alpha, in_tenant, job)
    assert (found.title, found.place, found.seniority) == ("Nurse", "Nagpur", "senior")
    assert [found.must_have[:2], len(found.must_have) > 2, found.nice_to_have] == [["Triage", "dialysis"], True, []]


def test_reading_again_replaces_what_was_there_and_leaves_what_is_written_meanwhile(
    browser, job, drain, alpha, in_tenant
):
    rita = browser("rita")
    drain()
    read = stored(alpha, in_tenant, job)
    rita.post(f"/jobs/{job}/plan/nice_to_have", data={"nice_to_have-skill": "Triage"})
    rita.post(
        f"/jobs/{job}/plan/details",
        data={"title": "Nurse", "place": "Nagpur", "seniority": "", "remote": "", "unit": "year"},
    )
    rita.post(f"/jobs/{job}/plan/read-again")
    rita.post(f"/jobs/{job}/plan/must_have", data={"must_have-skill": "Handover"})
    drain()

    found = stored(alpha, in_tenant, job)
    assert (found.place, found.nice_to_have) == (read.place, read.nice_to_have)
    assert found.must_have == [*read.must_have, "Handover"]


def test_failed_reading_says_so_and_can_be_run_again(browser, job, alpha, in_tenant):
    with in_tenant(alpha):
        commands.fail_analysis(db.session.get_one(Posting, job), "boom")
    rita = browser("rita")

    page = rita.get(f"/jobs/{job}/plan").text
    again = rita.post(f"/jobs/{job}/plan/read-again")

    assert ("The text could not be read." in page, "boom" in page, 'name="pay_min"' in page) == (True, False, True)
    assert (again.status_code, stored(alpha, in_tenant, job).analysis) == (303, "waiting")


def test_details_are_saved_as_typed(browser, job, alpha, in_tenant):
    answer = browser("rita").post(
        f"/jobs/{job}/plan/details",
        data={"title": "ICU nurse", "seniority": "senior", "years_min": "4.5", "place": "Pune", "remote": "onsite",
              "pay_min": "900000", "pay_max": "1200000", "currency": "inr", "unit": "year"},
    )  # fmt: skip
    saved = stored(alpha, in_tenant, job)

    assert answer.status_code == 303
    assert (saved.title, saved.seniority, float(saved.years_min), saved.remote) == (
        "ICU nurse",
        "senior",
        4.5,
        "onsite",
    )
    assert saved.salary == {"min": 900000.0, "max": 1200000.0, "currency": "INR", "unit": "year"}


def test_who_saves_details_changes_what_they_changed_alone(browser, job, drain, alpha, in_tenant):
    """The page was opened before the text was read, and before somebody else wrote the place."""
    rita = browser("rita")
    blank = unescape(re.findall(r'name="seen"[^>]*value="([^"]*)"', rita.get(f"/jobs/{job}/plan").text)[0])
    drain()
    read = stored(alpha, in_tenant, job)
    browser("ada").post(
        f"/jobs/{job}/plan/details", data=BLANK | {"title": read.title, "place": "Nagpur", "seen": blank}
    )
    page = BLANK | {"title": TEXT.splitlines()[0], "years_min": "7", "seen": blank}
    bad = rita.post(f"/jobs/{job}/plan/details", data=page | {"pay_min": "1"})
    again = unescape(re.findall(r'name="seen"[^>]*value="([^"]*)"', bad.text)[0])
    saved = rita.post(f"/jobs/{job}/plan/details", data=page)

    found = stored(alpha, in_tenant, job)
    assert (bad.status_code, again, saved.status_code) == (422, blank, 303)
    assert (found.title, found.seniority, found.place, found.years_min) == (read.title, read.seniority, "Nagpur", 7)


@pytest.mark.parametrize("seen", ["", "[]", "{", "[" * 50_000, '{"title": {"a": 1}}', "NaN"])
def test_details_that_say_nothing_of_what_they_showed_are_saved_as_they_are(browser, job, seen, alpha, in_tenant):
    answer = browser("rita").post(f"/jobs/{job}/plan/details", data=BLANK | {"title": "X", "seen": seen})
    found = stored(alpha, in_tenant, job)

    assert (answer.status_code, found.title, found.place) == (303, "X", None)


def test_bad_details_come_back_with_every_problem(browser, job):
    answer = browser("rita").post(
        f"/jobs/{job}/plan/details", data={"title": "", "pay_min": "9", "pay_max": "5", "unit": "year", "currency": ""}
    )

    assert answer.status_code == 422
    for said in ("Give the job a title.", "This is less than the pay it starts from.", "Say in which currency."):
        assert said in answer.text
    assert 'value="9"' in answer.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("sNaN", "Write a number, such as 4.5."),
        ("Infinity", "Write a number, such as 4.5."),
        ("much", "Write a number, such as 4.5."),
        ("1e400", "This is more than can be kept."),
        ("-1", "Not less than 0."),
    ],
)
def test_pay_that_is_no_amount_comes_back_with_a_sentence(browser, job, typed, said):
    answer = browser("rita").post(f"/jobs/{job}/plan/details", data={"title": "Nurse", "pay_min": typed})

    assert (answer.status_code, said in answer.text, f'value="{typed}"' in answer.text) == (422, True, True)


def test_a_skill_stands_in_one_list_once(browser, job, alpha, in_tenant):
    rita = browser("rita")
    rita.post(f"/jobs/{job}/plan/must_have", data={"must_have-skill": "Triage"})
    rita.post(f"/jobs/{job}/plan/must_have", data={"must_have-skill": " triage "})
    rita.post(f"/jobs/{job}/plan/nice_to_have", data={"nice_to_have-skill": "Dialysis"})
    rita.post(f"/jobs/{job}/plan/must_have", data={"must_have-skill": "Dialysis"})
    rita.post(f"/jobs/{job}/plan/must_have/drop", data={"skill": "TRIAGE"})
    saved = stored(alpha, in_tenant, job)

    assert (saved.must_have, saved.nice_to_have) == (["Dialysis"], [])


def test_stages_are_renamed_ordered_added_removed(browser, job, alpha, in_tenant):
    rita = browser("rita")
    applied, review, *_rest = stages(alpha, in_tenant, job)
    at = f"/jobs/{job}/plan/stages"
    rita.post(f"{at}/{review.id}", data={f"{review.id}-name": "First look", f"{review.id}-reply_days": "3"})
    rita.post(f"{at}/{review.id}", data={"act": "up"})
    rita.post(at, data={"new-name": "Trial day", "new-reply_days": "5"})
    rita.post(f"{at}/{applied.id}", data={"act": "remove"})

    assert [(stage.name, stage.reply_days) for stage in stages(alpha, in_tenant, job)] == [
        ("First look", 3), ("Interview", 10), ("Scorecards", 10), ("Offer", 10), ("Trial day", 5),
    ]  # fmt: skip


def test_a_stage_with_people_stays(browser, job, alpha, in_tenant, cast):
    from app.applications.commands import apply
    from app.candidates.commands import register

    with in_tenant(alpha):
        posting = db.session.get_one(Posting, job)
        apply(posting, register(name="Cara"), resume=None, source="upload", by=actor_of(cast.rita))
    first = stages(alpha, in_tenant, job)[0]

    answer = browser("rita").post(f"/jobs/{job}/plan/stages/{first.id}", data={"act": "remove"})

    assert answer.status_code == 409
    assert len(stages(alpha, in_tenant, job)) == 5


def test_a_bad_stage_name_is_said_at_the_stage(browser, job, alpha, in_tenant):
    first = stages(alpha, in_tenant, job)[0]

    answer = browser("rita").post(
        f"/jobs/{job}/plan/stages/{first.id}", data={f"{first.id}-name": "", f"{first.id}-reply_days": "3"}
    )

    assert answer.status_code == 422
    assert "Give the stage a name." in answer.text


def test_the_team_opens_the_job_to_its_manager(browser, job, cast):
    rita, hugo = browser("rita"), browser("hugo")

    before = hugo.get(f"/jobs/{job}/plan").status_code
    rita.post(f"/jobs/{job}/team", data={"member": str(cast.hugo.id)})
    seated = hugo.get(f"/jobs/{job}/plan").status_code
    rita.post(f"/jobs/{job}/team/{cast.hugo.id}/unseat")

    assert (before, seated, hugo.get(f"/jobs/{job}/plan").status_code) == (404, 200, 404)


def test_states_follow_each_other(browser, job, alpha, in_tenant, anyone):
    rita, anybody = browser("rita"), anyone()
    seen = [anybody.get(f"/careers/{job}").status_code]
    for act in ("publish", "close", "publish"):
        assert rita.post(f"/jobs/{job}/{act}").status_code == 303
        seen.append(anybody.get(f"/careers/{job}").status_code)

    assert seen == [404, 200, 404, 200]
    assert rita.post(f"/jobs/{job}/publish").status_code == 409


def test_fragment_is_the_section_alone(browser, job):
    answer = browser("rita").post(
        f"/jobs/{job}/plan/must_have", data={"must_have-skill": "Triage"},
        headers={"HX-Request": "true", "HX-Target": "skills"},
    )  # fmt: skip

    assert answer.status_code == 200
    assert answer.text.strip().startswith('<section id="skills"')
    assert "Triage" in answer.text


@pytest.mark.parametrize("path", ["plan", "resumes", "kit"])
def test_pages_of_a_job_look_missing_to_others(browser, job, path):
    found = {
        name: browser(name).get(f"/jobs/{job}/{path}").status_code for name in ("ada", "rita", "hugo", "ivy", "rex")
    }

    assert found == {"ada": 200, "rita": 200, "hugo": 404, "ivy": 404, "rex": 404}


def test_the_list_is_for_who_hires(browser, job):
    found = {name: browser(name).get("/jobs").status_code for name in ("ada", "rita", "hugo", "ivy", "rex")}

    assert found == {"ada": 200, "rita": 200, "hugo": 200, "ivy": 404, "rex": 200}
    assert "Senior Nurse" in browser("rita").get("/jobs").text
    assert "Write your first job" in browser("rex").get("/jobs").text
    assert "Senior Nurse" not in browser("hugo").get("/jobs").text


def test_posts_to_a_job_look_missing_to_others(browser, job):
    acts = ["publish", "close", "plan/details", "plan/text", "plan/read-again", "plan/must_have", "plan/stages", "team"]

    found = {browser(name).post(f"/jobs/{job}/{act}").status_code for name in ("rex", "ivy", "hugo") for act in acts}

    assert found == {404}


def test_nobody_signed_in_is_asked_to(anyone, job):
    assert anyone().get("/jobs").location.startswith("/sign-in")


def test_list_needs_as_many_statements_for_three_as_for_one(browser, job, alpha, in_tenant, cast, flask_app):
    rita, counts = browser("rita"), []
    for _more in range(2):
        with count_statements(flask_app) as counted:
            assert rita.get("/jobs").status_code == 200
        counts.append(len(counted))
        with in_tenant(alpha):
            for _number in range(2):
                commands.write_posting(text=TEXT, by=cast.rita, actor=actor_of(cast.rita))

    assert counts[0] == counts[1]
    assert counts[0] <= 12


class count_statements:  # noqa: N801 -- reads as a verb
    def __init__(self, flask_app):
        with flask_app.app_context():
            self.engine = db.engines[None]
        self.found = []

    def _hear(self, _connection, _cursor, statement, *_rest):
        self.found.append(statement)

    def __enter__(self):
        sa.event.listen(self.engine, "before_cursor_execute", self._hear)
        return self.found

    def __exit__(self, *_exception):
        sa.event.remove(self.engine, "before_cursor_execute", self._hear)


def written(alpha, in_tenant, job):
    """What the log has on a job, and how many jobs there are."""
    with in_tenant(alpha):
        about = sa.select(sa.func.count()).where(AuditEntry.target_id == str(job))
        return db.session.scalar(about), db.session.scalar(sa.select(sa.func.count()).select_from(Posting))


@pytest.mark.parametrize("text", ["", " \n ", "x" * (commands.LONGEST_TEXT + 1)])
def test_no_job_is_written_of_nothing_or_of_too_much(job, alpha, in_tenant, cast, text):
    before = written(alpha, in_tenant, job)

    with pytest.raises(Invalid), in_tenant(alpha):
        commands.write_posting(text=text, by=cast.rita, actor=actor_of(cast.rita))
    assert written(alpha, in_tenant, job) == before


def test_a_skill_of_blanks_is_none(job, alpha, in_tenant, cast):
    before = written(alpha, in_tenant, job)

    with pytest.raises(Invalid), in_tenant(alpha):
        commands.add_skill(db.session.get_one(Posting, job), SkillKind.MUST_HAVE, " \t", by=actor_of(cast.rita))
    assert (stored(alpha, in_tenant, job).must_have, written(alpha, in_tenant, job)) == ([], before)


def test_a_skill_dropped_that_is_not_there_changes_nothing(browser, job, alpha, in_tenant):
    before = written(alpha, in_tenant, job)
    browser("rita").post(f"/jobs/{job}/plan/must_have/drop", data={"skill": "Welding"})

    assert written(alpha, in_tenant, job) == before


def test_the_last_stage_stays(browser, job, alpha, in_tenant):
    rita, (*others, last) = browser("rita"), stages(alpha, in_tenant, job)
    removed = [
        rita.post(f"/jobs/{job}/plan/stages/{stage.id}", data={"act": "remove"}).status_code
        for stage in (*others, last)
    ]

    assert removed == [303] * 4 + [409]
    assert [stage.id for stage in stages(alpha, in_tenant, job)] == [last.id]


def test_a_member_seated_twice_sits_once(browser, job, alpha, in_tenant, cast):
    rita = browser("rita")
    for _twice in range(2):
        rita.post(f"/jobs/{job}/team", data={"member": str(cast.hugo.id)})

    with in_tenant(alpha):
        seats = db.session.scalars(sa.select(TeamSeat.member_id).where(TeamSeat.posting_id == job)).all()
        seated = sa.select(sa.func.count()).where(AuditEntry.action == "postings.seat")
        assert (sorted(seats), db.session.scalar(seated)) == (sorted([cast.rita.id, cast.hugo.id]), 1)
