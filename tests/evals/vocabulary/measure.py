"""What the skills cost, and thirty of them for a person to look at: python -m tests.evals.vocabulary.measure [SEED]."""

import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from app.engines.vocabulary import skills

TEXTS = Path(__file__).parents[1] / "postings" / "own" / "texts"
DRAWN = 30
ROUNDS = 20


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured():
    import spacy  # noqa: F401 (its own second and megabytes are not the vocabulary's)

    before, started = megabytes(), time.perf_counter()
    vocabulary = skills()
    read = time.perf_counter()
    vocabulary.find("")
    built, after = time.perf_counter(), megabytes()
    texts = [file.read_text("utf-8") for file in sorted(TEXTS.glob("*.txt"))] * ROUNDS
    begun = time.perf_counter()
    for text in texts:
        vocabulary.find(text)
    return {
        "skills": len(vocabulary.skills),
        "names": sum(len(skill.names) for skill in vocabulary.skills),
        "families": len({skill.family for skill in vocabulary.skills}),
        "read, s": round(read - started, 2),
        "matchers built, s": round(built - read, 2),
        "memory, MB": round(after - before, 1),
        "advertisements a second": round(len(texts) / (time.perf_counter() - begun)),
    }


if __name__ == "__main__":
    for name, value in measured().items():
        print(f"{name:24} {value}")
    print(Counter(skill.family for skill in skills().skills))
    if sys.argv[1:]:
        for skill in random.Random(int(sys.argv[1])).sample(skills().skills, DRAWN):
            print(f"{skill.family:20} {' | '.join(name.text for name in skill.names)}")
