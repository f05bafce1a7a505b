"""Processes that end when the one that started them does, however that ended."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1


def dies_with(parent: int, number: signal.Signals) -> bool:
    """Linux sends this process `number` once its parent is gone; False: it is gone already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    return os.getppid() == parent
