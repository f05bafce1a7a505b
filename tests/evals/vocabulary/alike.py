"""Skills whose names mean nearly the same, for a person to look through: python -m tests.evals.vocabulary.alike [FROM]."""

import sys

import numpy as np

from app.engines.embedding import embedder
from app.engines.vocabulary import skills

FROM = 0.9


def near(lowest):
    names = [skill.name for skill in skills().skills]
    vectors = embedder().embed(names)
    for i in range(1, len(names)):
        cosines = vectors[:i] @ vectors[i]
        for j in np.flatnonzero(cosines >= lowest):
            yield float(cosines[j]), names[j], names[i]


if __name__ == "__main__":
    for cosine, one, other in sorted(near(float(sys.argv[1]) if sys.argv[1:] else FROM), reverse=True):
        print(f"{cosine:.2f}  {one}  |  {other}")
