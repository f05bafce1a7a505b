"""Whether Redis keeps what it is given. It may be wiped, but not forget piecemeal: signals would thin out unseen."""

from dataclasses import dataclass

import redis
import structlog

from app.settings import Settings

log = structlog.get_logger()
FORGETTING = (
    "Redis keeps no append-only file: when it starts anew, signals to workers are late. Set appendonly yes, "
    "or REDIS_KEEPS_NO_FILE=true where it cannot."
)


@dataclass(frozen=True)
class Durability:
    policy: str
    appends: bool

    @property
    def evicts(self) -> bool:
        return self.policy != "noeviction"


def durability(client: redis.Redis) -> Durability:
    """By INFO, which managed servers answer where they refuse CONFIG."""
    memory, persistence = client.info("memory"), client.info("persistence")
    return Durability(str(memory["maxmemory_policy"]), persistence["aof_enabled"] == 1)


def evicting(policy: str) -> str:
    return (
        f"Redis drops keys when its memory is full (maxmemory-policy {policy}), signals to workers among them: "
        "set maxmemory-policy noeviction."
    )


def refusal(settings: Settings) -> str | None:
    """Why no process may start in production; a Redis that does not answer now may do so later, and is no reason."""
    client = redis.Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=2, socket_connect_timeout=2)
    try:
        found = durability(client)
    except (redis.RedisError, OSError):
        log.warning("redis_unasked")
        return None
    finally:
        client.close()
    if not found.appends:
        log.warning("redis_keeps_no_file")
    if settings.environment != "production":
        return None
    if found.evicts:
        return evicting(found.policy)
    return None if found.appends or settings.redis_keeps_no_file else FORGETTING
