"""Long runs that were broken off go on: what passed on this very code is not run again (bin/chaos)."""

import os
from pathlib import Path

import pytest

PASSED = Path(os.environ["CHAOS_PASSED"])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """After -k, so that only rows that were asked for are said to be left out."""
    done = set(PASSED.read_text().splitlines()) if PASSED.exists() else set[str]()
    left_out = [item for item in items if item.nodeid in done]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item.nodeid not in done]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        PASSED.parent.mkdir(parents=True, exist_ok=True)
        with PASSED.open("a") as passed:
            passed.write(f"{report.nodeid}\n")
