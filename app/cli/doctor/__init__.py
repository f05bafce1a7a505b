"""flask doctor: what is wrong with an installation, in sentences. It changes nothing and needs no application.

So it can speak where nothing else starts: without a key, a database, or a setting that is needed.
"""

import sys
from collections.abc import Callable, Iterable, Iterator

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.cli.doctor import database, house, services
from app.cli.doctor.findings import Finding
from app.cli.output import say
from app.settings import Settings

Check = Callable[[Settings], Iterable[Finding]]
CHECKS: dict[str, Check] = {
    "database": database.look,
    "replicas": database.replicas,
    "redis": services.redis_keeps,
    "master key": house.master_key,
    "companies' keys": house.companies_keys,
    "key holder": house.key_holder,
    "data folder": house.data_folder,
    "buckets": house.buckets,
    "mail": services.mail_leaves,
    "scanner": services.scanner_answers,
    "models": house.models,
    "backups": house.backups,
}


def findings(settings: Settings, checks: dict[str, Check]) -> Iterator[Finding]:
    """Whatever breaks while looking is a finding, too; the rest is looked at all the same."""
    for name, look in checks.items():
        try:
            yield from look(settings)
        except Exception as error:  # noqa: BLE001 -- the doctor is asked when things are broken
            yield Finding(name, ok=False, says=f"This could not be looked at: {type(error).__name__}: {_line(error)}")


def examine(checks: dict[str, Check]) -> bool:
    """One line of JSON a finding; True when all is well."""
    try:
        settings = Settings()
    except ValidationError as invalid:
        found: Iterable[Finding] = [_unset(error["loc"], error["msg"]) for error in invalid.errors()]
    except SettingsError as invalid:
        found = [Finding("settings", ok=False, says=f"{_line(invalid)}.")]
    else:
        found = findings(settings, checks)
    well = True
    for finding in found:
        say(finding.told())
        well = well and finding.ok
    return well


def word(more: dict[str, Check]) -> click.Command:
    """The word, with what rooms above this one add to its round."""

    @click.command("doctor")
    def doctor() -> None:
        """Look at everything that an installation needs; exit code 1 where something is wrong."""
        sys.exit(0 if examine(CHECKS | more) else 1)

    return doctor


def _unset(place: tuple[int | str, ...], message: str) -> Finding:
    """Names, never values: they may be secrets."""
    return Finding("settings", ok=False, says=f"{'.'.join(map(str, place)).upper()}: {message}.")


def _line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "")
