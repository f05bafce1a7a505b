"""Redis, the mail server and the virus scanner."""

from collections.abc import Iterator

import redis

from app.adapters.clamav.clamd import Clamd
from app.adapters.redis.durability import durability, evicting
from app.adapters.smtp.mailer import SmtpMailer
from app.cli.doctor.findings import Finding, well, wrong
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings


def redis_keeps(settings: Settings) -> Iterator[Finding]:
    client = redis.Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=5, socket_connect_timeout=5)
    try:
        version = client.info("server")["redis_version"]
        found = durability(client)
    except (redis.RedisError, OSError) as error:
        yield wrong("redis", f"It does not answer: {error}")
        return
    finally:
        client.close()
    yield well("redis", f"Redis {version} answers.")
    yield wrong("redis memory", evicting(found.policy)) if found.evicts else well("redis memory", "It drops no key.")
    if found.appends:
        yield well("redis file", "It keeps an append-only file.")
    else:
        yield wrong(
            "redis file", "It keeps no append-only file: when it starts anew, signals are late. Set appendonly yes."
        )


def mail_leaves(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url is None:
        says = "SMTP_URL is not set: letters stay in the mailbox page, and nobody gets them."
        yield Finding("mail", ok=settings.environment != "production", says=says)
        return
    try:
        SmtpMailer(settings.smtp_url.get_secret_value()).greet()
    except (Unavailable, Refused) as error:
        yield wrong("mail", f"No letter can leave: {error}")
    else:
        yield well("mail", "The mail server answers, and lets us in.")


def scanner_answers(settings: Settings) -> Iterator[Finding]:
    if settings.clamd_address is None:
        yield well("scanner", "CLAMD_ADDRESS is not set: nobody looks for viruses in files that people send.")
        return
    try:
        version = Clamd(settings.clamd_address, seconds=5).greet()
    except Unavailable as error:
        yield wrong("scanner", f"No file is read or given out before it was scanned, and nobody scans: {error}")
    else:
        yield well("scanner", f"{version} answers.")
