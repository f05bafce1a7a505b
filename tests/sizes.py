"""How much of a long test runs: a small part by default, all of it with TEST_PROFILE=full (bin/chaos)."""

import os

FULL = os.environ.get("TEST_PROFILE") == "full"


def sized(full: int, short: int | None = None) -> int:
    """`short`, or a twentieth."""
    return full if FULL else short or max(1, full // 20)
