"""What lies on this machine: the master key, the data, the models."""

import base64
import binascii
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from app.adapters.postgres import owner_urls
from app.cli.backup.target import Target
from app.cli.doctor.findings import Finding, well, wrong
from app.kernel import clock
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from tenants.registry import Registry
from tenants.scope import bound

LEAST_FREE_BYTES = 1 << 30
KEY_BYTES = 32
MOST_HOURS = 48
MOST_DAYS = 90  # of a key
MOST_NAMED = 5
OTHERS = 0o027  # a group may read: so do the secrets of a cluster reach a process that is not root


def master_key(settings: Settings) -> Iterator[Finding]:
    file = settings.master_key_file or settings.data_dir / "master.key"
    try:
        keys = [base64.b64decode(line, validate=True) for line in file.read_bytes().split()]
        mode = file.stat().st_mode & 0o777
    except FileNotFoundError:
        yield wrong(
            "master key", f"There is none at {file}, and a new one opens nothing that was sealed before: bring it back."
        )
    except OSError as error:
        yield wrong("master key", f"{file} cannot be read: {error.strerror}.")
    except binascii.Error:
        yield wrong("master key", f"What is in {file} is not base64.")
    else:
        yield _judged(file, keys, mode)
        if settings.master_keeper == "file":
            days = (clock.now() - datetime.fromtimestamp(file.stat().st_mtime, UTC)).days
            yield _aged(
                settings,
                "age of the master key",
                "keys rotate master",
                {} if days <= MOST_DAYS else {"the master key": days},
            )


def _judged(file: Path, keys: list[bytes], mode: int) -> Finding:
    odd = [len(key) for key in keys or [b""] if len(key) != KEY_BYTES]
    if odd:
        return wrong("master key", f"A key in {file} has {odd[0]} bytes, not {KEY_BYTES}.")
    if mode & OTHERS:
        return wrong("master key", f"Others on this machine can read {file} (mode {mode:o}): chmod 600.")
    return well("master key", "It is there, and nobody else can read it.")


def companies_keys(settings: Settings) -> Iterator[Finding]:
    """By what is noted with each; a database that does not answer is another look's to tell."""
    from app.adapters.registry import Providers

    ring, old, unknown = Providers(settings).keyring, dict[str, int](), list[str]()
    engine = sa.create_engine(owner_urls(settings)["main"], poolclass=sa.NullPool)
    try:
        tenants = Registry(engine).all()
    except sa.exc.SQLAlchemyError:
        return
    for tenant in tenants:
        with bound(tenant):
            made_at = ring.company_key_made_at()
        days = (clock.now() - made_at).days if made_at else 0
        old |= {tenant.slug: days} if days > MOST_DAYS else {}
        unknown += [] if made_at else [tenant.slug]
    yield _aged(settings, "age of companies' keys", "keys rotate company", old, unknown=len(unknown))


def _aged(settings: Settings, check: str, word: str, old: dict[str, int], *, unknown: int = 0) -> Finding:
    """In production it is wrong, elsewhere it is said."""
    rest = f" Of {unknown} it is not known: they are older than that note, or not there yet." if unknown else ""
    if not old:
        return well(check, f"None is known to be older than {MOST_DAYS} days.{rest}")
    named = ", ".join(f"{name} ({days} days)" for name, days in sorted(old.items())[:MOST_NAMED])
    more = " and others" if len(old) > MOST_NAMED else ""
    says = f"Older than {MOST_DAYS} days: {named}{more}. Run {word}.{rest}"
    return Finding(check, ok=settings.environment != "production", says=says)


def key_holder(settings: Settings) -> Iterator[Finding]:
    """Said only where somebody else than a file wraps: a key is wrapped and unwrapped there, and forgotten."""
    if settings.master_keeper == "file":
        return
    from app.adapters.registry import Providers

    master = Providers(settings).master
    try:
        master.unwrap(master.wrap(secrets.token_bytes(KEY_BYTES), about="doctor"), about="doctor")
    except (Unavailable, Refused, OSError) as error:
        yield wrong("key holder", f"{settings.master_keeper} wraps no key, so nothing can be opened: {error}.")
        return
    yield well("key holder", f"{settings.master_keeper} wraps and unwraps.")


def data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor"):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        yield wrong("data folder", f"Nothing can be written to {folder}: {error.strerror}.")
        return
    says = f"{free / (1 << 30):.1f} GB are free at {folder}."
    yield well("data folder", says) if free >= LEAST_FREE_BYTES else wrong("data folder", f"Only {says}")


def buckets(settings: Settings) -> Iterator[Finding]:
    """Said only where files or keys lie in one."""
    backup_keys = settings.backup_keys_bucket or settings.backup_bucket
    for check, name in (
        ("bucket", settings.s3_bucket), ("bucket of keys", settings.s3_keys_bucket),
        ("bucket of backups", settings.backup_bucket), ("bucket of backups' keys", settings.backup_keys_bucket),
    ):  # fmt: skip
        if name is not None:
            yield _bucket(settings, check, name, of_keys=name in {settings.s3_keys_bucket, backup_keys})


def _bucket(settings: Settings, check: str, name: str, *, of_keys: bool) -> Finding:
    from app.adapters.s3.bucket import Bucket

    try:
        found = Bucket(settings, name)
        found.reach()
        versions = found.versioning()
    except (Unavailable, Refused) as error:
        return wrong(check, f"{name} cannot be used: {error}.")
    if versions and of_keys:
        return wrong(check, f"{name} keeps versions, so nobody's key can be destroyed: take one that never kept any.")
    kept = " It keeps versions: what is deleted stays, as noise, until they expire." if versions == "Enabled" else ""
    return well(check, f"{name} answers.{kept}")


def models(settings: Settings) -> Iterator[Finding]:
    from app.adapters.local.models import lacking

    missing = lacking(settings.models_dir)
    if missing is None:
        yield well("models", "This place has web packages alone; models are looked at where workers run.")
    elif missing:
        yield wrong("models", f"Workers cannot score: {', '.join(missing)}.")
    else:
        yield well("models", "They are there.")


def backups(settings: Settings) -> Iterator[Finding]:
    """Somebody else may take them; then this is the place where it says so."""
    target = Target.of(settings, glances=True)
    if target is None:
        says = "BACKUP_DIR and BACKUP_BUCKET are unset: what is lost is lost, unless somebody else takes backups."
        yield Finding("backups", ok=settings.environment != "production", says=says)
        return
    good = target.state().get("good")
    if good is None:
        yield wrong("backups", f"No backup in {target.where} was ever verified: backup run, then backup verify.")
        return
    hours = (clock.now() - datetime.fromisoformat(good)).total_seconds() / 3600
    says = f"The last one that was verified is {hours:.0f} hours old."
    yield well("backups", says) if hours < MOST_HOURS else wrong("backups", says)
