from pathlib import Path

from tests.architecture.advisories import Told, locked, report

TOLD = {"flask": Told("3.1.2", []), "pillow": Told("12.0.0", ["PYSEC-2026-1"]), "numpy": Told("2.5.5", [])}


def test_a_lock_of_newest_releases_without_advisories_is_clean():
    assert report({"flask": "3.1.2"}, TOLD.__getitem__) == (["1 of 1 locked packages have no advisory."], True)


def test_an_advisory_is_named_and_an_older_release_is_not_passed_off_as_clean():
    sentences, clean = report({"flask": "3.1.2", "pillow": "12.0.0", "numpy": "2.4.6"}, TOLD.__getitem__)

    assert not clean
    assert sentences == [
        "1 of 3 locked packages have no advisory.",
        "pillow 12.0.0: PYSEC-2026-1",
        "numpy 2.4.6: not asked, its newest release is 2.5.5",
    ]


def test_every_lock_is_read_whole():
    text = "".join(file.read_text() for file in Path("requirements").glob("*.txt"))
    versions = locked(Path("requirements").glob("*.txt"))

    assert {"flask", "onnxruntime", "pip-audit", "atheris"} <= versions.keys()
    assert all(f"{name}=={version}" in text for name, version in versions.items())
