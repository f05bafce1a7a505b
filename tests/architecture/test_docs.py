"""The documents name what is there, and nothing that isn't."""

import re
from pathlib import Path

import pytest

from app.settings import Settings
from jobs.queues import QUEUES
from tests.architecture import pins

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_with_its_default():
    text = (ROOT / "docs/configuration.md").read_text()

    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in text] == []


def test_every_package_stands_in_the_architecture():
    text = (ROOT / "docs/architecture.md").read_text()
    packages = [p.parent for p in ROOT.glob("app/*/__init__.py")] + [
        ROOT / "tenants",
        ROOT / "jobs",
        ROOT / "migrations",
    ]

    assert [p.name for p in packages if f"{p.name}" not in text] == []


def test_every_folder_that_the_architecture_names_is_there():
    text = (ROOT / "docs/architecture.md").read_text()
    named = re.findall(r"`((?:app|jobs|tenants|bin|tests|bench|deploy|migrations)/[a-z_/.]*)`", text)

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_queue_has_a_line_in_the_procfile():
    lines = (ROOT / "Procfile").read_text()

    assert [queue for queue in QUEUES if not re.search(rf"^\S+: .*worker.*\b{queue}\b", lines, re.MULTILINE)] == []


def test_every_package_is_pinned():
    assert pins.problems() == []


@pytest.mark.parametrize(
    "word",
    [
        "resumes parse",
        "postings analyse",
        "answers score",
        "questions propose",
        "interviews run",
        "tenants list",
        "tenants create",
        "doctor",
        "tenants move",
        "backup run",
        "backup verify",
        "backup restore",
        "backup mirror",
        "backup stream",
    ],
)
def test_every_word_of_the_shell_is_documented(word):
    assert f"bin/flask {word}" in (ROOT / "docs/words.md").read_text()
