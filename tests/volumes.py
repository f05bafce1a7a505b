"""Volumes that are soon full."""

import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_volume(place):
    """At `place`, of 4 MB; a function that makes room. Skips the test where this user may mount none."""
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0711", "assay-test", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount no file system that could be filled")
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,size=600m", str(place)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()
