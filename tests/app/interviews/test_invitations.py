import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.interviews import queries
from app.interviews.commands import conduct, invitations
from app.interviews.enums import InterviewState
from app.interviews.models import Interview
from app.kernel import clock
from app.kernel.errors import Conflict
from app.kernel.ids import token_digest
from app.letters.queries import mail_about, opened
from jobs.timetable import plan
from tenants.db import db
from tenants.tables import TenantModel
from tests.app.interviews import stage


def everything(in_tenant, alpha):
    """All rows of the company, as text."""
    with in_tenant(alpha):
        return {
            table.name: str(db.session.execute(sa.select(table).order_by(*table.primary_key)).all())
            for table in TenantModel.metadata.sorted_tables
        }


def test_link_has_enough_random_bits_and_is_stored_as_its_digest_alone(staged, in_tenant, alpha):
    there = staged()

    assert len(base64.urlsafe_b64decode(there.token + "=")) * 8 >= 128
    rows = everything(in_tenant, alpha)
    assert [name for name, text in rows.items() if there.token in text] == []
    with in_tenant(alpha):
        assert db.session.get_one(Interview, there.interview).link_hash == token_digest(there.token)


def test_scanner_that_looks_ten_times_changes_nothing(staged, anyone, in_tenant, alpha):
    there = staged()
    before = everything(in_tenant, alpha)
    scanner = anyone()
    seen = {scanner.get(there.path).status_code for _ in range(10)} | {
        scanner.head(there.path).status_code for _ in range(10)
    }
    seen |= {scanner.get(f"{there.path}/help").status_code}

    assert seen == {200}
    assert everything(in_tenant, alpha) == before


def test_token_stays_out_of_the_log(staged, anyone, capfd, flask_app):
    there = staged()
    cara = anyone()
    for path in ("", "/help", "/answers/1", "/nowhere"):
        cara.get(there.path + path)
    cara.post(f"{there.path}/begin", data={"consent": "y"})
    cara.post(f"{there.path}/answer", data={"turn": 99, "answer": "?"})
    said = capfd.readouterr()

    assert there.token not in said.out + said.err


def test_every_way_on_stays_on_this_host(staged, anyone):
    there = staged()
    cara = anyone()
    posts = [
        ("begin", {"consent": "y"}),
        ("pause", {"turn": 1}),
        ("resume", {}),
        ("skip", {"turn": 1}),
        ("send", {}),
        ("help", {"kind": "phone"}),
    ]
    targets = {cara.post(f"{there.path}/{name}", data=data).headers["Location"] for name, data in posts}

    assert targets == {there.path, f"{there.path}/help"}


def test_second_invitation_is_refused_while_one_is_open(staged, in_tenant, alpha, cast, vault):
    there = staged()

    with pytest.raises(Conflict), in_tenant(alpha):
        stage.invite(there.application, cast.rita, vault)


def test_reminder_goes_out_once_a_day_before_the_deadline(staged, in_tenant, alpha, flask_app, drain, clock_at):
    there = staged()
    with in_tenant(alpha):
        deadline = queries.interview(there.interview).deadline
    for moment in (deadline - timedelta(hours=30), deadline - timedelta(hours=20), deadline - timedelta(hours=5)):
        with clock_at(moment):
            plan(flask_app, alpha, moment)
            drain()

    with in_tenant(alpha):
        reminders = [mail for mail in mail_about(there.application) if mail.kind == "interview_reminder"]
        assert [mail.created_at for mail in reminders] == [deadline - timedelta(hours=20)]


def test_no_reminder_after_withdrawing(staged, in_tenant, alpha, anyone, flask_app, drain, clock_at):
    there = staged()
    anyone().post(f"{there.path}/withdraw")
    with in_tenant(alpha):
        moment = queries.interview(there.interview).deadline - timedelta(hours=3)
    with clock_at(moment):
        plan(flask_app, alpha, moment)
        drain()

    with in_tenant(alpha):
        assert "interview_reminder" not in {mail.kind for mail in mail_about(there.application)}
        assert queries.interview(there.interview).state == InterviewState.CANCELLED


def test_deadline_closes_what_nobody_is_in_and_more_time_opens_it_again(
    staged, in_tenant, alpha, cast, anyone, flask_app, drain, clock_at
):
    there = staged()
    with in_tenant(alpha):
        late = queries.interview(there.interview).deadline + timedelta(minutes=6)
    with clock_at(late):
        assert "The time for this interview has ended" in anyone().get(there.path).text
        assert anyone().post(f"{there.path}/begin", data={"consent": "y"}).status_code == 303
        plan(flask_app, alpha, late)
        drain()
        with in_tenant(alpha):
            interview = conduct.lock(there.interview)
            assert (interview.state, interview.application.next_thing) == ("expired", "overdue")
            invitations.extend(interview, until=late + timedelta(days=2), factor=None, by=stage.CARA)
            assert (interview.state, interview.application.next_thing) == ("invited", "invited")
        assert "Before you start" in anyone().get(there.path).text


def test_deadline_waits_for_whoever_is_in_it_and_for_whoever_asked_for_help(staged, in_tenant, alpha, anyone, clock_at):
    busy, asking = staged(), staged(email="dara@people.example", name="Dara")
    with in_tenant(alpha):
        deadline = max(queries.interview(one.interview).deadline for one in (busy, asking))
    with clock_at(deadline - timedelta(minutes=5)):
        anyone().post(f"{busy.path}/begin", data={"consent": "y"})
        anyone().post(f"{asking.path}/help", data={"kind": "phone"})
    with in_tenant(alpha):
        assert queries.overdue(deadline + timedelta(minutes=10)) == []
        later = queries.overdue(deadline + timedelta(hours=2))
        assert [one.id for one in later] == [busy.interview]


def test_help_stops_the_clock_and_writes_to_the_one_who_invited(
    staged, in_tenant, alpha, cast, anyone, vault, clock_at
):
    there, asked_at = staged(), clock.now()
    with clock_at(asked_at):
        anyone().post(f"{there.path}/help", data={"kind": "sign-language", "text": "I am deaf."})
    with in_tenant(alpha):
        deadline = queries.interview(there.interview).deadline
        letter = mail_about(there.application)[-1]
        assert (letter.kind, letter.to_address) == ("help_wanted", "rita@alpha.example")
        assert f"/live/{there.interview}" in opened(letter, vault)["text"]
        assert "I am deaf." in opened(letter, vault)["text"]
    with clock_at(asked_at + timedelta(hours=7)), in_tenant(alpha):
        interview = conduct.lock(there.interview)
        invitations.settle_help(interview, by=stage.CARA)
        assert interview.deadline - deadline == timedelta(hours=7)


def test_invitation_in_hindi_says_the_deadline_in_hindi(staged, in_tenant, alpha, vault):
    there = staged(language="hi", name="आशा")
    with in_tenant(alpha):
        letter = mail_about(there.application)[0]
        text = opened(letter, vault)["text"]
    assert "आशा" in text
    assert "नवंबर" in text or "दिसंबर" in text or "2026" in text
    assert "Dear" not in text
    assert there.path in text
