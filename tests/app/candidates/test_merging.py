"""C2: entries that look like one person are proposed, merged by a person, and made two again; nothing is lost."""

import io
import itertools

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.applications.commands import add_note, apply, decide, move, reject, undo, withdraw
from app.applications.enums import Verdict
from app.applications.models import Application, Note
from app.applications.queries import history_of
from app.candidates.commands import come_in, correct, keep_resume, make_found, register
from app.candidates.commands.alike import find_alike, tell_apart
from app.candidates.commands.merging import CHOSEN, merge, part
from app.candidates.models import Candidate, Likeness, Merge, Resume
from app.candidates.queries.alike import Portrait, Spell, marks_of, signs
from app.candidates.queries.merged import merges_of, stands_for
from app.identity.commands import actor_of
from app.kernel import clock
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict, Erased
from app.kernel.ids import new_id
from app.ports.shelf import Tombstone
from app.postings.commands import publish, write_posting
from app.postings.models import Posting
from app.postings.queries import stages_of
from app.privacy.commands import destroy, erase, forget_again
from app.privacy.models import Erasure
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.tables import TenantModel
from tests.app.interviews import stage
from tests.sizes import sized

LOGS = {"audit_entry", "outbox", "task"}
CV = "{name}\n{email}\n{phone}\n\nExperience\nNurse, City Hospital\n2019 - 2024\n"


def rows():
    """Everything that a company has but its logs, opened, in one order."""
    return {
        table.name: sorted(map(repr, db.session.execute(sa.select(table)).all()))
        for table in TenantModel.metadata.sorted_tables
        if table.name not in LOGS
    }


@pytest.fixture
def jobs(alpha, cast, in_tenant, memory):
    def written():
        with in_tenant(alpha):
            actor = actor_of(cast.rita)
            return [write_posting(text=f"Nurse in {town}", by=cast.rita, actor=actor).id for town in ("Pune", "Leeds")]

    return memory.recall("jobs", written)


@pytest.fixture
def four(alpha, cast, in_tenant, jobs, flask_app):
    """Four entries with different contacts, each a file; three of them applied for the same job, two for another."""
    storage, rita = flask_app.extensions["providers"].storage, actor_of(cast.rita)
    with in_tenant(alpha):
        pune, leeds = (db.session.get_one(Posting, job) for job in jobs)
        found = []
        for number, applied in enumerate([[pune], [pune, leeds], [leeds], [pune]]):
            one = register(
                name=f"Cara {number}", email=f"c{number}@x.example", phone=None if number % 2 else "030 901820"
            )
            one.place, one.links, one.headline = f"Town {number}", [f"https://{number}.example"], None
            db.session.flush()
            resume = keep_resume(
                one, file_name=f"{number}.txt", data=f"Cara {number}".encode(), storage=storage, by=rita
            )
            for job in applied:
                add_note(apply(job, one, resume=resume, source="upload", by=rita), author_id=cast.rita.id, text=f"Said of {number}", by=rita)  # fmt: skip
            make_found(one)
            found.append(one.id)
        correct(one, by=rita, headline="Head nurse")
        return found


def person(identifier):
    return db.session.get_one(Candidate, identifier)


def merged(first, second, by, **more):
    return merge(person(min(first, second)), person(max(first, second)), by=by, **more)


@pytest.mark.parametrize("end", ["withdrawn", "hired"])
def test_what_ended_before_stays_whatever_is_said_of_the_other_one(alpha, in_tenant, cast, four, jobs, end):
    """Whoever withdrew, or was hired, is not rejected along with the application that stands beside it."""
    rita = actor_of(cast.rita)
    query = sa.select(Application).where(Application.posting_id == jobs[0], Application.candidate_id.in_(four[:2]))
    with in_tenant(alpha):
        over, other = db.session.scalars(query.order_by(Application.candidate_id)).all()
        if end == "hired":
            decide(over, verdict=Verdict.HIRE, reason="Head of three wards.", by=rita)
        else:
            withdraw(over, by=stage.CARA)
        merged(four[0], four[1], rita, leading={other.id})
        move([other], stages_of(jobs[0])[1], by=rita)
        seen = [(over.state, other.state, over.reason)]
        reject([other], reason="No licence.", by=rita)

        assert [*seen, (over.state, other.state, over.reason)] == [(end, "active", None), (end, "rejected", None)]


@given(
    order=st.permutations(list(itertools.combinations(range(4), 2))),
    taken=st.lists(st.sets(st.sampled_from([*CHOSEN])), min_size=3, max_size=3),
    leading=st.lists(st.sets(st.integers(0, 4)), min_size=3, max_size=3),
)
@settings(
    max_examples=sized(100, 4),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_c2_merging_in_any_order_and_undoing_is_as_if_nothing_had_been(
    alpha, in_tenant, cast, four, order, taken, leading
):
    rita, chosen = actor_of(cast.rita), zip(taken, leading, strict=True)
    with in_tenant(alpha):
        before = rows()
        every = db.session.scalars(sa.select(Application.id).order_by(Application.id)).all()
    for left, right in order:
        with in_tenant(alpha):
            one, other = stands_for(four[left]), stands_for(four[right])
            if one != other:
                kept, leads = next(chosen)
                merged(one, other, rita, taken=kept, leading={every[number] for number in leads})
    with in_tenant(alpha):
        found = db.session.scalars(sa.select(Candidate.id)).all()
        assert found == [min(four)]
        whole = rows()
        assert {len(whole[name]) - len(before[name]) for name in ("resume", "application", "note", "candidate")} == {0}
        leads = sa.select(Application.posting_id).where(
            Application.candidate_id == found[0], Application.joined_in.is_(None)
        )
        assert len(db.session.scalars(leads).all()) == 2
    while True:
        with in_tenant(alpha):
            newest = db.session.scalars(sa.select(Merge).order_by(Merge.id.desc()).limit(1)).first()
            if newest is None:
                after = rows()
                assert {name: after[name] for name in after if after[name] != before[name]} == {}
                return
            part(newest, by=rita)


def test_what_came_in_between_goes_with_whose_it_is(alpha, in_tenant, cast, four, flask_app, jobs):
    rita, storage = actor_of(cast.rita), flask_app.extensions["providers"].storage
    with in_tenant(alpha):
        publish(db.session.get_one(Posting, jobs[0]), by=rita)
        found = merged(four[0], four[2], rita)
        assert (person(four[0]).email, stands_for(four[2])) == ("c0@x.example", four[0])
        correct(person(four[0]), by=rita, place="Vienna", phone="+43 1 23456")
        candidate, resume = come_in(
            name="C", email="C2@x.example", phone="", language="en", file_name="new.txt", data=b"new", storage=storage,
            by=Actor(kind="candidate", id=None, name="C"),
        )  # fmt: skip
        assert (candidate.id, resume.candidate_id, resume.person_id) == (four[0], four[0], four[2])
        theirs = db.session.scalars(sa.select(Application).where(Application.person_id == four[2])).one()
        add_note(theirs, author_id=cast.rita.id, text="Said after", by=rita)
        mine = apply(db.session.get_one(Posting, jobs[0]), candidate, resume=resume, source="careers", by=rita)
        assert (mine.person_id, mine.resume_id) == (four[0], resume.id)
        part(found, by=rita)
    with in_tenant(alpha):
        one, other = person(four[0]), person(four[2])
        assert (one.place, one.phone, one.name, one.corrected) == (
            "Vienna",
            "+43 1 23456",
            "Cara 0",
            ["phone", "place"],
        )
        assert (other.name, other.email, other.place) == ("Cara 2", "c2@x.example", "Town 2")
        files = dict(db.session.execute(sa.select(Resume.file_name, Resume.candidate_id)).all())
        assert (files["new.txt"], files["0.txt"], files["2.txt"]) == (four[2], four[0], four[2])
        own = sa.select(Resume.file_name).join(Application, Application.resume_id == Resume.id)
        assert db.session.scalars(own.where(Application.candidate_id == four[0])).all() == ["0.txt"]
        said = sa.select(Application.candidate_id).join(Note, Note.application_id == Application.id)
        notes = dict(zip(*[db.session.scalars(query).all() for query in (sa.select(Note.text).order_by(Note.id), said.order_by(Note.id))], strict=True))  # fmt: skip
        assert (notes["Said after"], notes["Said of 2"], notes["Said of 0"]) == (four[2], four[2], four[0])


def test_two_applications_for_one_job_become_one_card_that_loses_nothing(alpha, in_tenant, cast, four, jobs, browser):
    rita = actor_of(cast.rita)
    board = f"/jobs/{jobs[0]}/board"
    cards = browser("rita").get(board).text.count("data-card=") or browser("rita").get(board).text.count('id="card-')
    with in_tenant(alpha):
        ours, theirs = db.session.scalars(
            sa.select(Application).where(Application.posting_id == jobs[0], Application.candidate_id.in_(four[:2]))
            .order_by(Application.candidate_id)
        ).all()  # fmt: skip
        found = merged(four[0], four[1], rita, leading={theirs.id})
        assert [(one.candidate_id, one.joined_in) for one in (ours, theirs)] == [(four[0], found.id), (four[0], None)]
        assert sorted(one.text for one in history_of(theirs.id).said) == ["Said of 0", "Said of 1"]
        assert [one.text for one in history_of(ours.id).said] == ["Said of 0"]
        batch = reject([theirs], reason="No licence", by=rita)
        assert (ours.state, theirs.state, ours.reason) == ("rejected", "rejected", "No licence")
        undo(batch, by=rita)
        decide(ours, verdict=Verdict.HIRE, reason="Best", by=rita)
        assert (ours.state, theirs.state) == ("hired", "hired")
    own = browser("rita").get(f"/applications/{ours.id}").text
    assert f'<a href="/applications/{theirs.id}">their other application</a>' in own
    page = browser("rita").get(f"/jobs/{jobs[0]}/list?state=all").text
    assert (page.count(f"/applications/{ours.id}"), f"/applications/{theirs.id}" in page, cards > 0) == (0, True, True)


def test_only_a_person_merges_and_the_newest_is_undone_first(alpha, in_tenant, cast, four):
    rita = actor_of(cast.rita)
    with in_tenant(alpha):
        with pytest.raises(Conflict, match="only a person"):
            merge(person(four[0]), person(four[1]), by=SYSTEM)
        first, second = merged(four[0], four[1], rita), merged(four[0], four[2], rita)
        with pytest.raises(Conflict, match="Undo that first"):
            part(first, by=rita)
        with pytest.raises(Conflict, match="only a person"):
            part(second, by=SYSTEM)
        assert [each.id for each in merges_of(four[0])] == [second.id, first.id]


def test_whoever_is_erased_is_erased_with_all_that_was_merged(alpha, in_tenant, cast, four, flask_app):
    providers = flask_app.extensions["providers"]
    with in_tenant(alpha):
        merged(four[1], four[2], actor_of(cast.rita))
        merged(four[0], four[1], actor_of(cast.rita))
        keys = dict(db.session.execute(sa.select(Resume.person_id, Resume.storage_key)).all())
        erase(person(four[0]), by=actor_of(cast.ada))
    with in_tenant(alpha):
        begun = db.session.scalars(sa.select(Erasure)).all()
        assert db.session.scalars(sa.select(OutboxRow.name).where(OutboxRow.name == "erasure.begun")).all() == ["erasure.begun"] * 3  # fmt: skip
        assert [destroy(each, shelf=providers.shelf, storage=providers.storage) for each in begun] == [1, 1, 1]
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Candidate.id)).all() == [four[3]]
        assert [len(db.session.scalars(sa.select(model.id)).all()) for model in (Resume, Application, Note, Merge)] == [1, 1, 1, 0]  # fmt: skip
        assert sorted(each.person for each in begun) == sorted(four[:3])
        for gone in four[:3]:
            providers.keyring.forget(gone)
            with pytest.raises(Erased):
                providers.vault.seal(b"x", about="x", person=gone)
        assert providers.storage.get(keys[four[3]]) == b"Cara 3"


@pytest.mark.parametrize("gone", [0, 1])
def test_a_restored_merge_of_one_who_was_erased_apart_takes_nobody_else(alpha, in_tenant, cast, four, flask_app, gone):
    """Merged, backed up, undone, one of them erased, the backup restored: the other one is whole."""
    providers, rita = flask_app.extensions["providers"], actor_of(cast.rita)
    stays = four[1 - gone]
    with in_tenant(alpha):
        merged(four[0], four[1], rita, taken={"name", "email"})
        contact = {0: ("Cara 0", "c0@x.example"), 1: ("Cara 1", "c1@x.example")}[1 - gone]
    grave = Tombstone(four[gone], clock.now(), 7)
    with in_tenant(alpha):
        providers.shelf.destroy(grave)
        providers.keyring.forget(four[gone])
        forget_again([grave], storage=providers.storage)
    with in_tenant(alpha):
        left = person(stays)
        assert (left.name, left.email) == contact
        assert db.session.scalars(sa.select(Merge.id)).all() == []
        whose = {table: set(db.session.scalars(sa.select(column)).all()) for table, column in {"r": Resume.person_id, "a": Application.person_id, "n": Note.person_id}.items()}  # fmt: skip
        assert [four[gone] in found for found in whose.values()] == [False] * 3
        assert [stays in found for found in whose.values()] == [True] * 3


def test_c2_look_alikes_are_proposed_by_what_agrees_and_a_no_is_remembered(
    alpha, in_tenant, cast, browser, jobs, drain
):
    rita = browser("rita")
    files = [
        ("a.txt", CV.format(name="Cara Diaz", email="cara@x.example", phone="+34 600 111 222")),
        ("b.txt", CV.format(name="Diaz Cara Maria", email="other@x.example", phone="")),
        ("c.txt", CV.format(name="Somebody Else", email="else@x.example", phone="600 111 222")),
        ("d.txt", CV.format(name="Rob Roy", email="rob@x.example", phone="")),
    ]
    for name, text in files:
        rita.post(f"/jobs/{jobs[0]}/resumes", data={"resumes": (io.BytesIO(text.encode()), name)})
    drain()
    with in_tenant(alpha):
        by_name = dict(db.session.execute(sa.select(Candidate.name, Candidate.id)).all())
        pairs = db.session.execute(sa.select(Likeness.first_id, Likeness.second_id)).all()
        cara, maria, other = (by_name[name] for name in ("Cara Diaz", "Diaz Cara Maria", "Somebody Else"))
        assert {frozenset(pair) for pair in pairs} == {frozenset({cara, maria}), frozenset({cara, other})}

    page = rita.get("/candidates/look-alikes").text
    assert ("Same phone number" in page, "Same name and employer, at the same time" in page) == (True, True)
    assert "Cara Diaz, Nurse, City Hospital, 2019 – 2024" in page
    assert "Diaz Cara Maria, Nurse, City Hospital, 2019 – 2024" in page
    assert "Somebody Else" in rita.get(f"/candidates/{cara}").text
    said = rita.post(f"/candidates/{cara}/apart/{other}")
    with in_tenant(alpha):
        find_alike(person(cara))
        find_alike(person(other))
        state = sa.select(Likeness.state).where(
            Likeness.first_id == min(cara, other), Likeness.second_id == max(cara, other)
        )
        assert (said.status_code, db.session.scalars(state).all()) == (303, ["apart"])
    assert "Somebody Else" not in rita.get(f"/candidates/{cara}").text


def test_a_no_holds_after_a_merge_too(alpha, in_tenant, cast, four):
    rita = actor_of(cast.rita)
    with in_tenant(alpha):
        tell_apart(person(four[0]), person(four[2]), by=rita)  # both have the phone
        assert find_alike(person(four[0])) == 0
        merged(four[0], four[1], rita)
        assert find_alike(person(four[0])) == 0


def test_the_pages_merge_and_undo(alpha, in_tenant, cast, four, browser, jobs):
    rita, first, second = browser("rita"), four[0], four[1]
    way = f"/candidates/{first}/merge/{second}"
    asked = rita.get(way).text
    assert ('name="email"' in asked, 'id="language-set"' in asked, f'name="job_{jobs[0].hex}"' in asked) == (
        True,
        False,
        True,
    )
    assert rita.post(way, data={"name": "third"}).status_code == 422
    with in_tenant(alpha):
        theirs = db.session.scalars(sa.select(Application.id).where(Application.candidate_id == second, Application.posting_id == jobs[0])).one()  # fmt: skip
    chosen = {"name": "first", "email": "second", "place": "first", f"job_{jobs[0].hex}": str(theirs)}
    assert rita.post(way, data=chosen).location.endswith(f"/candidates/{first}")
    assert rita.get(f"/candidates/{second}").location.endswith(f"/candidates/{first}")
    with in_tenant(alpha):
        one, found = person(first), merges_of(first)[0]
        assert (one.name, one.email, one.phone, one.corrected) == (
            "Cara 0",
            "c1@x.example",
            "030 901820",
            ["email", "name", "place"],
        )
    page = rita.get(f"/candidates/{first}").text
    assert ("Merged here" in page, "1.txt" in page, "Joined" in page) == (True, True, True)
    told = rita.get(f"/candidates/merges/{found.id}").text
    assert ("Cara 1" in told, "1.txt" in told, "0.txt" in told) == (True, True, False)
    assert rita.post(f"/candidates/merges/{found.id}").status_code == 303
    assert rita.get(f"/candidates/{second}").status_code == 200


def test_s01_others_neither_see_nor_merge_look_alikes(alpha, cast, four, browser, in_tenant):
    with in_tenant(alpha):
        found = merged(four[0], four[1], actor_of(cast.rita))
    ways = ["/candidates/look-alikes", f"/candidates/{four[0]}/merge/{four[2]}", f"/candidates/merges/{found.id}"]
    # Rex is another company's recruiter: he has a list, and nobody of these in it.
    assert [browser("rex").get(way).status_code for way in ways] == [200, 404, 404]
    assert "Cara" not in browser("rex").get(ways[0]).text
    for name in ("hugo", "ivy"):
        assert [browser(name).get(way).status_code for way in ways] == [404] * 3
        assert browser(name).post(f"/candidates/{four[0]}/apart/{four[2]}").status_code == 404
    assert browser("rex").post(f"/candidates/merges/{found.id}").status_code == 404


WORK = Spell("Müller & Söhne GmbH", "Fitter", "2019-03", "2021-05")


@pytest.mark.parametrize(
    ("mine", "theirs", "kinds"),
    [
        (Portrait(new_id(), "Anna Huber", ("a@x.example",), ()), Portrait(new_id(), "", ("a@x.example",), ()), ["email"]),
        (Portrait(new_id(), "", (), ("+49 30 901820",)), Portrait(new_id(), "", (), ("030/901820",)), ["phone"]),
        (Portrait(new_id(), "", (), ("+49 30 901820",)), Portrait(new_id(), "", (), ("+49 40 901820",)), []),
        (
            Portrait(new_id(), "Dr. Anna Huber", (), (), (WORK,)),
            Portrait(new_id(), "HUBER, Anna Maria", (), (), (Spell("Muller und Sohne", "Lead", "2021-01", ""),)),
            ["work"],
        ),
        (  # the same name and employer, years apart
            Portrait(new_id(), "Anna Huber", (), (), (WORK,)),
            Portrait(new_id(), "Anna Huber", (), (), (Spell("Müller & Söhne", "Lead", "2021-06", ""),)), [],
        ),
        (Portrait(new_id(), "Anna Huber", (), ()), Portrait(new_id(), "Anna Huber", (), ()), []),
        (
            Portrait(new_id(), "अनीता राव", (), (), (Spell("नगर अस्पताल", "", "2019", "2020"),)),
            Portrait(new_id(), "राव अनीता", (), (), (Spell("नगर अस्पताल", "", "2020-02", ""),)), ["work"],
        ),
    ],
)  # fmt: skip
def test_c2_a_reason_is_an_address_a_number_or_work_at_one_time(mine, theirs, kinds):
    assert [sign.kind for sign in signs(mine, theirs)] == kinds
    assert [sign.kind for sign in signs(theirs, mine)] == kinds


def test_marks_agree_wherever_signs_do():
    contact = {"name": "Dr. Anna Huber", "email": "A@x.example", "phone": "+49 30 9018273"}
    work = {"work": [{"name": "Müller & Söhne GmbH", "startDate": "2019-03"}]}
    assert marks_of(contact, [work], ()) == ["e:a@x.example", "p:09018273", "w:anna huber:muller sohne"]
    assert marks_of({"name": "Anna", "email": None, "phone": "112"}, [work], {"o@x.example"}) == [
        "a:o@x.example",
        "e:o@x.example",
    ]
