"""After a commit: pings to pages, a nudge to the relay. Nothing here is needed for anything to be kept."""

import uuid
from datetime import timedelta

import redis

from tenants.names import is_slug
from tenants.scope import NoTenantError
from tenants.work import Ping

PINGS = "assay:pings"
NUDGES = "assay:nudges"
PINGS_KEPT = 20_000
PATIENCE = timedelta(seconds=2)


class Signals:
    def __init__(self, url: str) -> None:
        """One client for short calls: a slow Redis costs a request two seconds at most, once."""
        self.client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1)

    def after_commit(self, tenant: str, pings: list[Ping]) -> None:
        with self.client.pipeline(transaction=False) as pipe:
            pipe.lpush(NUDGES, tenant)
            pipe.ltrim(NUDGES, 0, 9_999)
            for ping in {p.topic: p for p in pings}.values():  # "look again" once, however much a commit did
                pipe.xadd(PINGS, ping_of(tenant, ping), maxlen=PINGS_KEPT, approximate=True)  # type: ignore[arg-type]
            pipe.execute()

    def forget_tenant(self, tenant: str) -> None:
        """Take a company that is being deleted out of what is kept for streams that come back, and for the relay."""
        self.client.lrem(NUDGES, 0, tenant)
        kept: list[tuple[bytes, dict[bytes, bytes]]] = self.client.xrange(PINGS)  # type: ignore[assignment]
        gone = [ping_id for ping_id, fields in kept if fields[b"tenant"] == tenant.encode()]
        if gone:
            self.client.xdel(PINGS, *gone)

    def forget_ids(self, ids: list[uuid.UUID]) -> int:
        """Take what names one of them out of what is kept for streams that come back. Gives how many that were."""
        named = [str(each).encode() for each in ids]
        kept: list[tuple[bytes, dict[bytes, bytes]]] = self.client.xrange(PINGS)  # type: ignore[assignment]
        gone = [ping_id for ping_id, fields in kept if any(each in b" ".join(fields.values()) for each in named)]
        if gone:
            self.client.xdel(PINGS, *gone)
        return len(gone)


def ping_of(tenant: str, ping: Ping) -> dict[str, str]:
    """A ping as the stream of all companies holds it. Raises NoTenantError without a company to hear it."""
    if not is_slug(tenant):
        raise NoTenantError(f"a ping for no company: {tenant!r}")
    return {"tenant": tenant, "topic": ping.topic, "id": ping.id}
