"""Somebody all of whose words are found nowhere else, taken through the product; and a look into every store for them."""

import io
import re
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from pypdfium2 import PdfiumError

from app.applications.models import Application
from app.candidates.models import Candidate
from app.identity.commands import actor_of
from app.interviews.models import Interview
from app.interviews.queries import last_turn
from app.kernel.errors import Refused
from app.postings.commands import publish
from app.postings.models import TeamSeat
from app.scorecards.models import Report
from tenants.db import db
from tests.app.candidates.test_apply import post
from tests.app.interviews import stage
from tests.app.scorecards.conftest import filled_in

CATALOGUES = {
    "roles": "select rolname, rolconfig from pg_roles",
    "schemas": "select nspname, nspacl, obj_description(oid) from pg_namespace",
    "settings of roles": "select s.setrole::regrole, s.setconfig from pg_db_role_setting s",
}
QUESTION = "How did you get a machine that stood still to run again, and what was your own part in it?"


@dataclass
class Person:
    """`mark` is in all of their words, in another one for each."""

    mark: str
    phone: str
    candidate: UUID | None = None
    interviews: list[UUID] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def word(self, what: str) -> str:
        return f"{self.mark}{what}"

    @property
    def name(self) -> str:
        return f"{self.word('vorname')} {self.word('nachname')}"

    @property
    def email(self) -> str:
        return f"{self.word('post')}@{self.word('domain')}.example".lower()

    def resume(self) -> bytes:
        return (
            f"{self.name}\n{self.email}\n{self.phone}\nhttps://{self.word('seite')}.example\n{self.word('stadt')}\n\n"
            f"Experience\nFitter, {self.word('firma')} GmbH, 2019 - 2024\n"
        ).encode()


def go_through(person: Person, flask_app, tenant, cast, in_tenant, browser, anyone, drain) -> None:
    """Two jobs; the second one is left at the beginning, the first is decided."""
    vault = flask_app.extensions["providers"].vault
    jobs = [_job(tenant, cast, in_tenant), _job(tenant, cast, in_tenant)]
    for job in jobs:
        data = {
            "name": person.name, "email": person.email, "phone": person.phone, "language": "en", "consent": "y",
            "resume": (io.BytesIO(person.resume()), f"{person.word('datei')}.txt"),
        }  # fmt: skip
        assert post(anyone(), f"/careers/{job}/apply", data).status_code == 303
    drain()
    with in_tenant(tenant):
        found = db.session.scalars(sa.select(Candidate).where(Candidate.email == person.email)).one()
        person.candidate = found.id
        mine = sa.select(Application.id).where(Application.candidate_id == found.id)
        applications = [db.session.scalars(mine.where(Application.posting_id == job)).one() for job in jobs]
        person.interviews = [stage.invite(each, cast.rita, vault).id for each in applications]
        person.tokens = [stage.link_in_last_letter(each, vault) for each in applications]
    _interview(person, cast, tenant, in_tenant, anyone, drain)
    _judged(person, cast, tenant, in_tenant, browser, drain, applications)


def _job(tenant, cast, in_tenant) -> UUID:
    with in_tenant(tenant):
        posting = stage.opening(cast.rita, questions=(QUESTION,))
        db.session.add(TeamSeat(posting_id=posting.id, member_id=cast.ivy.id))
        publish(posting, by=actor_of(cast.rita))
        return posting.id


def _interview(person, cast, tenant, in_tenant, anyone, drain) -> None:
    visitor, link = anyone(), f"/i/{person.tokens[0]}"
    assert visitor.post(f"{link}/begin", data={"consent": "y"}).status_code == 303
    assert visitor.post(
        f"{link}/draft?turn=1", data={"revision": "1", "answer": f"{person.word('entwurf')} I"}
    ).status_code == 204  # fmt: skip
    help_text = {"kind": "phone", "text": f"Call me: {person.word('hilfe')}"}
    assert visitor.post(f"{link}/help", data=help_text).status_code == 303
    with in_tenant(tenant):
        from app.interviews.commands.adjustments import settle_help

        settle_help(db.session.get_one(Interview, person.interviews[0]), by=actor_of(cast.rita))
    visitor.post(f"{link}/resume")
    said = f"{person.word('antwort')} I took the drive apart myself, and it ran again after two hours."
    assert visitor.post(f"{link}/answer", data={"turn": "1", "answer": said}).status_code == 303
    drain()
    with in_tenant(tenant):
        turn = last_turn(person.interviews[0])
        more = turn.number if turn.state == "asked" else None
    if more:
        visitor.post(f"{link}/answer", data={"turn": str(more), "answer": f"{person.word('nachfrage')} it was."})
        drain()
    assert visitor.get(link).status_code == 200
    assert visitor.post(f"{link}/send", data={"gaps": "y"}).status_code == 303
    drain()
    second = f"/i/{person.tokens[1]}"
    visitor.post(f"{second}/begin", data={"consent": "y"})
    visitor.post(f"{second}/draft?turn=1", data={"revision": "1", "answer": person.word("zweiter")})


def _judged(person, cast, tenant, in_tenant, browser, drain, applications) -> None:
    ivy, rita, interview = browser("ivy"), browser("rita"), person.interviews[0]
    pin = f"0|1|{person.word('antwort')} I took the drive apart"
    paper = filled_in(1, note=person.word("gesamt"), note_0=person.word("notiz"), pin=[pin])
    own = f"/interviews/{interview}/scorecard"
    assert ivy.post(f"{own}/draft", data=paper, headers={"HX-Request": "true"}).status_code in {200, 204}
    assert ivy.post(own, data=paper | {"version": "2"}).status_code == 303
    assert rita.post(f"/applications/{applications[0]}/notes", data={"text": person.word("merk")}).status_code == 303
    with in_tenant(tenant):
        version = db.session.get_one(Application, applications[0]).version
    decision = {"verdict": "hold", "reason": f"{person.word('grund')} fits", "version": str(version)}
    assert rita.post(f"/interviews/{interview}/decision", data=decision).status_code == 303
    assert rita.post(f"/interviews/{interview}/report").status_code == 303
    drain()
    rejected = {"reason": f"{person.word('absage')} is missing", "version": ""}
    rita.post(f"/applications/{applications[1]}/reject", data=rejected)
    for path in (f"/candidates/{person.candidate}", f"/applications/{applications[0]}", f"/interviews/{interview}/evidence", "/candidates"):  # fmt: skip
        assert rita.get(path).status_code == 200
    with in_tenant(tenant):
        mine = sa.select(Report.state).where(Report.person_id == person.candidate)
        assert db.session.scalars(mine).all() == ["ready"]


class Stores:
    """Everything that is kept anywhere, as text: {where: what}."""

    def __init__(self, flask_app, settings, in_tenant, tenants) -> None:
        self.flask_app, self.settings, self.in_tenant, self.tenants = flask_app, settings, in_tenant, tenants

    def hits(self, person: Person) -> dict[str, list[str]]:
        """Where the person still is, and by which of their words."""
        wanted = re.compile(f"{person.mark}[a-z]*".lower())
        digits = re.sub(r"\D", "", person.phone)
        found: dict[str, list[str]] = {}
        for where, text in self.all():
            low = text.lower()
            words = set(wanted.findall(low)) | ({digits} if digits in re.sub(r"[\s().+-]", "", low) else set())
            words |= {token for token in person.tokens if token.lower() in low}
            if words:
                found[where] = sorted(words | set(found.get(where, [])))
        return found

    def naming(self, *words: str) -> dict[str, list[str]]:
        """Where any of these words stands, in whatever case."""
        found: dict[str, set[str]] = {}
        for where, text in self.all():
            if there := {word for word in words if word.lower() in text.lower()}:
                found[where] = found.get(where, set()) | there
        return {where: sorted(there) for where, there in found.items()}

    def all(self):
        yield from self._database()
        yield from self._files()
        yield from self._redis()

    def _database(self):
        owners = self.flask_app.extensions["owners"]
        for database in owners.names():
            with owners.of(database).connect() as owner:
                for catalogue, query in CATALOGUES.items():
                    yield f"{database} {catalogue}", repr(owner.execute(sa.text(query)).all())
                tables = owner.execute(sa.text("select table_schema, table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'")).all()  # fmt: skip
                for schema, table in tables:
                    for row in owner.scalars(sa.text(f"select t::text from {schema}.{table} t")):
                        hexes = re.findall(r"\\x([0-9a-f]+)", row)
                        plain = " ".join(bytes.fromhex(one).decode("utf-8", "replace") for one in hexes)
                        yield f"{database} {schema}.{table}", f"{row} {plain}"

    def _files(self):
        """As they lie there, and as whoever has the vault reads them."""
        root, storage = self.settings.data_dir, self.flask_app.extensions["providers"].storage
        for file in root.rglob("*"):
            if not file.is_relative_to(root / "models"):
                content = _read(file.read_bytes()) if file.is_file() else ""
                yield f"file {file.relative_to(root)}", f"{file.relative_to(root)} {content}"
        for tenant in self.tenants:
            folder = root / "files" / tenant.slug
            with self.in_tenant(tenant):
                for file in folder.rglob("*") if folder.exists() else []:
                    if file.is_file():
                        yield f"opened {file.relative_to(root)}", self._opened(storage, str(file.relative_to(folder)))

    @staticmethod
    def _opened(storage, key: str) -> str:
        try:
            return _read(storage.get(key))
        except Refused:
            return ""

    def _redis(self):
        client = self.flask_app.extensions["signals"].client
        readers = {
            b"stream": client.xrange, b"string": client.get, b"hash": client.hgetall, b"set": client.smembers,
            b"zset": lambda key: client.zrange(key, 0, -1), b"list": lambda key: client.lrange(key, 0, -1),
        }  # fmt: skip
        for key in client.scan_iter("*"):
            yield f"redis {key!r}", repr((key, readers[client.type(key)](key)))


def _read(content: bytes) -> str:
    from tests.isolation.test_canaries import text_of

    try:
        return text_of(content)
    except PdfiumError:  # a broken one, of another test
        return content.decode("latin-1")
