"""One place makes a transaction a company's; nothing goes out, is kept or is heard without the company's name in it."""

import ast
import re
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.local.keyring import Keyring
from app.adapters.local.master import LocalMaster
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.storage import KEY, LocalStorage
from app.adapters.local.vault import LocalVault
from app.adapters.redis.signals import ping_of
from app.kernel.errors import Refused
from asgi import Hub
from jobs import runtime
from jobs.definitions import TASKS
from jobs.ledger import TaskRow
from jobs.queues import Signaller, connect, signal_id
from tenants import db as tenants_db
from tenants.db import db
from tenants.names import SLUG
from tenants.registry import TenantRecord
from tenants.scope import NoTenantError, bound
from tenants.work import Ping

ROOT = Path(__file__).resolve().parents[2]
BECOMES = re.compile(
    r"set_config\s*\(|\bset\s+(local\s+|session\s+)?(role|search_path|session\s+authorization)\b|\breset\s+(role|all)\b",
    re.IGNORECASE,
)
OWNERS = {  # as the owner, outside of requests and tasks
    "tenants/provisioning.py": 2,  # the login role's own empty path; taking set_config from everybody
    "migrations/tenant/env.py": 1,  # where a migration works
    "tenants/migrate.py": 1,  # the same, by a script of all migrations that this process has seen before
}
SPEAKS_TO_REDIS = {
    "app/adapters/redis/signals.py", "asgi.py", "jobs/queues.py", "jobs/relay.py", "jobs/worker.py",
    "app/adapters/llm/ring.py",
    "app/adapters/redis/board.py",  # numbers and ids of all companies, which operators alone are shown
    "jobs/telling.py",
    # These ask Redis how it is, and make no key.
    "app/adapters/redis/durability.py", "app/cli/doctor/services.py", "jobs/doctor.py",
}  # fmt: skip


def sources():
    folders = ("app", "jobs", "tenants", "migrations")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")] + [
        ROOT / "asgi.py",
        ROOT / "wsgi.py",
    ]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text()) for file in files}


def statements(tree):
    """Every text in it that is no docstring, with what surrounds f-strings' values."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_s05_one_place_makes_a_transaction_a_companys():
    found = {
        path: count
        for path, tree in sources().items()
        if (count := sum(bool(BECOMES.search(text)) for text in statements(tree)))
    }

    assert found == {"tenants/db.py": 3} | OWNERS


@pytest.mark.parametrize(
    ("enter", "also"),
    [
        ("ENTER", []),
        ("ENTER_FORGETTABLY", [("synchronous_commit", "'off'")]),
        ("ENTER_READING", [("transaction_read_only", "'on'")]),
    ],
)
def test_s05_it_ends_with_the_transaction(enter, also):
    settings = re.findall(r"set_config\('(\w+)', (:?'?\w+'?), (\w+)\)", str(getattr(tenants_db, enter)))
    assert sorted(settings) == sorted(
        (name, value, "true") for name, value in [("search_path", ":schema"), ("role", ":schema"), *also]
    )
    assert settings[-1][0] == "role"
    assert str(getattr(tenants_db, enter)).count("set_config") == len(settings)


@pytest.mark.parametrize("nobody", ["", None, "Alpha", "alpha; drop", "*"])
def test_s06_a_signal_without_a_company_is_refused(settings, nobody):
    redis = connect(settings.redis_url.get_secret_value())
    before = sorted(redis.keys("rq:*"))
    with pytest.raises((NoTenantError, TypeError)):
        Signaller(redis).signal("default", tenant=nobody, task_id=uuid.uuid4(), attempt=1, limit=1)

    assert sorted(redis.keys("rq:*")) == before
    redis.close()


def test_s06_a_task_without_a_company_is_neither_planned_nor_run(flask_app):
    row = TaskRow(id=uuid.uuid4(), key="nobody's", name=next(iter(TASKS)), arguments={})
    with flask_app.app_context(), pytest.raises(NoTenantError):
        db.session.add(row)
        db.session.flush()
    with pytest.raises(NoTenantError):
        runtime.run("", str(row.id))


SLUGS = st.from_regex(SLUG, fullmatch=True)
PAIRS = st.tuples(SLUGS, SLUGS).filter(lambda pair: pair[0] != pair[1])
TOPICS = st.from_regex(r"[a-z]{1,12}(-[a-z0-9-]{1,40})?", fullmatch=True)


def record(slug):
    return TenantRecord(uuid.uuid5(uuid.NAMESPACE_DNS, slug), slug, slug, "active", "main")


def vault_at(folder):
    def masters():
        return [b"k" * 32]

    return LocalVault(Keyring(LocalShelf(folder), LocalMaster(masters)), masters)


@given(pair=PAIRS, key=st.from_regex(KEY, fullmatch=True))
def test_s07_files_of_two_companies_never_meet(tmp_path_factory, pair, key):
    storage, places = LocalStorage(Path("/files"), vault_at(Path("/keys"))), []
    for slug in pair:
        with bound(record(slug)):
            places.append(storage._file(key))

    assert [place.parts[2] for place in places] == list(pair)
    assert all(".." not in place.parts for place in places)


@given(pair=PAIRS, about=st.text(max_size=40), person=st.none() | st.sampled_from([uuid.UUID(int=7)]))
def test_s07_a_seal_opens_at_its_own_company_alone(tmp_path_factory, pair, about, person):
    vault = vault_at(tmp_path_factory.getbasetemp() / "s07-keys")
    with bound(record(pair[0])):
        sealed = vault.seal(b"words", about=about, person=person)
        assert vault.open(sealed, about=about) == b"words"
    with bound(record(pair[1])):
        vault.seal(b"other words", about=about, person=person)
        with pytest.raises(Refused):
            vault.open(sealed, about=about)


@given(pair=PAIRS, task=st.uuids(), attempts=st.tuples(st.integers(1, 99), st.integers(1, 99)))
def test_s07_signals_of_two_companies_have_two_names(pair, task, attempts):
    names = [signal_id(slug, task, attempt) for slug, attempt in zip(pair, attempts, strict=True)]

    assert names[0] != names[1]
    assert [name.rsplit("-", 2)[0] for name in names] == list(pair)


@given(pair=PAIRS, topic=TOPICS, id_=st.text(max_size=20))
def test_s07_pings_are_kept_and_heard_by_company(pair, topic, id_):
    kept = [ping_of(slug, Ping(topic, id_)) for slug in pair]
    hub = Hub("redis://nowhere")
    hub._tasks = [None]
    with hub.subscribed(pair[0], [topic]):
        assert [hub.listeners.get((fields["tenant"], topic), set()) != set() for fields in kept] == [True, False]


def test_s07_pings_without_a_company_are_refused():
    with pytest.raises(NoTenantError):
        ping_of("", Ping("live", "1"))


def test_s07_whoever_speaks_to_redis_is_known_here():
    """A file that begins to must come into this list, and the keys that it makes into the tests above."""
    found = {
        path
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(name.split(".")[0] in {"redis", "rq"} for name in imported(node))
    }

    assert found == SPEAKS_TO_REDIS


def imported(node):
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


REMEMBERED = {  # what they take in is no company's word: a colour, a drawing's name
    "app/identity/commands.py::_nobodys_hash", "app/letters/queries.py::_pages", "app/letters/queries.py::_sandbox",
    "app/web/assets.py::_icon", "app/web/theme.py::palettes",
    "tenants/migrate.py::head",
    # Statements, whose values come with each call.
    "app/identity/queries.py::_by_token", "app/interviews/access.py::_by_link",
    "app/interviews/commands/conduct.py::_locking",
    "jobs/oversight.py::prompt_hash",
    # Templates of prompts, prices, fonts and what they can draw, letter by letter.
    "app/adapters/llm/calls.py::_prices", "app/adapters/llm/judging.py::_template",
    "app/adapters/local/pages/picture.py::_files", "app/adapters/local/pages/picture.py::_font",
    "app/adapters/local/pages/picture.py::_has", "app/adapters/local/pages/warm.py::_load",
}  # fmt: skip


def test_s07_what_functions_remember_is_no_companys():
    """`cache` and `lru_cache` outlive a request. Engines are plain functions over text, and know no company at all."""
    found = {
        f"{path}::{node.name}"
        for path, tree in sources().items()
        if not path.startswith(("app/engines", "jobs/story"))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(re.match(r"(functools\.)?(lru_)?cache\b", ast.unparse(each)) for each in node.decorator_list)
    }

    assert found == REMEMBERED
