"""The labels of the set: whole, of one of three words, and each shown by words that stand in the resume."""

from tests.evals.matching.measure import PARTS, PEOPLE, VERDICTS, jobs, places


def resumes():
    return [
        (f"{name} {person}", job, job[person])
        for part in PARTS
        for name, job in jobs(part).items()
        for person in PEOPLE
    ]


def test_each_requirement_of_each_resume_has_a_label():
    for name, job, one in resumes():
        assert set(one["labels"]) == {*job["must_have"], *job["nice_to_have"], "years"}, name
        assert {label.split(" | ")[0] for label in one["labels"].values()} <= set(VERDICTS), name


def test_a_label_names_words_of_the_resume_and_unseen_names_none():
    for name, _job, one in resumes():
        for wanted, label in one["labels"].items():
            verdict, *phrases = label.split(" | ")
            assert bool(phrases) is (verdict != "unseen" and wanted != "years"), (name, wanted)
            assert [phrase for phrase in phrases if not places(one["resume"], phrase)] == [], (name, wanted)
