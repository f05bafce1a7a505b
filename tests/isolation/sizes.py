"""How much of a long test runs: a twentieth by default, all of it with TEST_PROFILE=full."""

import os

FULL = os.environ.get("TEST_PROFILE") == "full"


def sized(full):
    return full if FULL else max(1, full // 20)
