"""Each row runs small in every test run, and at its full size by `bin/chaos`."""

import os

FULL = bool(os.environ.get("CHAOS_FULL"))


def size(full: int, short: int) -> int:
    return full if FULL else short
