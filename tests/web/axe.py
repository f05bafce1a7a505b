"""axe-core in a Playwright page: `assert violations(page) == []`.

The library is half a megabyte and only for tests, so it is fetched once from npm: node_modules if it is there, else
`npm pack` into var/.
"""

import fcntl
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

VERSION = "4.14.1"
ROOT = Path(__file__).parents[2]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STILL = """() => Promise.allSettled(
  document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 5000).map(one => one.finished))"""
COLOURS = ["color-contrast"]  # all that another scheme changes


@cache
def source() -> str:
    installed = ROOT / "node_modules/axe-core/axe.min.js"
    kept = ROOT / f"var/axe-core-{VERSION}.min.js"
    if installed.exists():
        return installed.read_text()
    kept.parent.mkdir(exist_ok=True)
    with (kept.parent / "axe-core.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not kept.exists():
            _fetch(kept)
    return kept.read_text()


def _fetch(kept: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        packed = ["npm", "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination", folder]
        subprocess.run(packed, check=True, capture_output=True)
        with tarfile.open(Path(folder) / f"axe-core-{VERSION}.tgz") as box:
            kept.write_bytes(box.extractfile("package/axe.min.js").read())


def violations(page, *, only: list[str] | None = None) -> list[str]:
    """One line for each rule that the page breaks, with the first elements that break it. `only`: these rules alone."""
    page.evaluate(STILL)
    page.evaluate(source())
    wanted = {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS}
    found = page.evaluate(
        "runOnly => axe.run(document, {runOnly, resultTypes: ['violations'], preload: false, iframes: false})", wanted
    )["violations"]
    return [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes'][:3]]}" for one in found]


def overflow(page) -> int:
    """How many pixels the page is wider than its window."""
    return page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)")
