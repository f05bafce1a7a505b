"""What the trained model may say: of gaps alone, at the lowest step, out of the file that was measured."""

import hashlib
import random
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engines.resumes import hints, read_resume
from app.engines.resumes.layout import text_of
from app.engines.resumes.parts import employer_weight, title_weight
from app.ports.reading import Document
from tests.engines.resumes.test_found import page_of
from tests.evals.resumes.measure import labels
from tests.evals.resumes.people import people
from tests.sizes import sized
from training import entries
from training.entities import tried
from training.generate import words

AS_OF = date(2026, 11, 22)
UNKNOWN = """Ana Ruiz Gil
ana@mail.example

Experience
2019 – 2022
vexillologist
drummel & quorr
- Kept records

Education
BSc Nursing, University of Leeds, 2014
"""
KNOWN = UNKNOWN.replace(
    "2019 – 2022\nvexillologist\ndrummel & quorr", "Staff Nurse, Leeds General Infirmary      2019 – 2022"
)


def read(text):
    pages = (page_of(text),)
    document = Document("txt", pages, text_of(pages))
    return document, read_resume(document, as_of=AS_OF)


def test_the_model_is_the_file_that_was_measured(tmp_path, monkeypatch):
    data = hints.MODEL.read_bytes()
    assert hashlib.sha256(data).hexdigest() == hints.SHA256
    assert len(data) < 6_000_000
    other = tmp_path / "entities.spacy"
    other.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    monkeypatch.setattr(hints, "MODEL", other)
    with pytest.raises(ValueError, match="not the file that was measured"):
        hints._model.__wrapped__()


def test_a_title_and_an_employer_that_no_list_knows_are_guessed_and_said_to_be():
    assert title_weight("vexillologist") == employer_weight("drummel quorr") == 0
    document, resume = read(UNKNOWN)

    job = resume["work"][0]
    assert (job["position"], job["name"], job["startDate"]) == ("vexillologist", "drummel & quorr", "2019")
    told = {one["path"]: one for one in resume["meta"]["found"]}
    for key in ("position", "name"):
        spot = told[f"work[0].{key}"]
        assert (spot["confidence"], spot["by"], document.text[slice(*spot["span"])]) == (0.6, "model", job[key])
        assert spot["box"][2] - spot["box"][0] == pytest.approx(len(job[key]) * 5.0)
    assert [one["path"] for one in told.values() if "by" in one] == ["work[0].position", "work[0].name"]


def test_without_a_gap_the_model_is_not_loaded():
    hints._model.cache_clear()
    read(KNOWN)
    assert hints._model.cache_info().currsize == 0
    read(UNKNOWN)
    assert hints._model.cache_info().currsize == 1


def without_guesses(text):
    with pytest.MonkeyPatch.context() as patch:
        for user in ("work", "education"):
            patch.setattr(f"app.engines.resumes.{user}.guesses", lambda *_: {})
        return read(text)[1]


def kept(items, guessed, kind):
    """The items as they were without what the model said; none where nothing else is left of them."""
    bare = [
        {key: value for key, value in item.items() if f"{kind}[{n}].{key}" not in guessed}
        for n, item in enumerate(items)
    ]
    named = {"work": {"name", "position"}, "education": {"institution", "studyType"}}[kind]
    return [item for item in bare if named & set(item)]


@settings(max_examples=sized(400, 30), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["train", "trial"]))
def test_what_the_rules_find_stays_and_what_the_model_says_stands_in_the_text(number, part):
    text = entries.section(number, part).text
    document, resume = read(text)
    rules = without_guesses(text)
    guessed = {one["path"]: one for one in resume["meta"]["found"] if "by" in one}
    for kind in ("work", "education"):
        assert kept(resume[kind], guessed, kind) == rules[kind]
    for path, spot in guessed.items():
        kind, number, key = re.fullmatch(r"(\w+)\[(\d+)\]\.(\w+)", path).groups()
        assert document.text[slice(*spot["span"])] == resume[kind][int(number)][key]
        assert spot["confidence"] == 0.6


def test_guesses_on_words_that_training_never_saw_are_mostly_right():
    tallies = tried(range(5_000, 5_000 + sized(1_000, 40))).values()
    right, wrong = (sum(one.model[n] for one in tallies) for n in (0, 1))
    assert right / (right + wrong) >= 0.65
    assert right >= 15


def test_training_and_trial_share_no_words():
    assert entries.split_is_clean()
    assert entries.section(3, "trial").text == entries.section(3, "trial").text


def test_no_list_of_the_training_has_a_name_of_the_evaluation():
    known = {_bare(text) for part in ("held", "dev") for one in people(part).values() for kind in ("work", "edu") for row in one.get(kind, ()) for text in row[:2]}  # fmt: skip
    known |= {_bare(text) for one in labels().values() for field in ("titles", "employers", "institutions", "degrees") for text in one.get(field, ())}  # fmt: skip
    used = {
        _bare(text)
        for part in ("train", "trial")
        for lists in (*entries.lists(part).values(), *words().values())
        for name in ("titles", "before", "degrees", "schools")
        for text in lists[name]
    }
    assert used & known - {""} == set()


def _bare(text):
    return " ".join(text.casefold().split())


def test_coined_words_are_of_no_list():
    dice = random.Random(5)
    texts = [entries.coined.name(dice, tongue) for tongue in entries.TONGUES for _ in range(40)]
    assert sum(title_weight(text) > 0 for text in texts) <= len(texts) / 20
