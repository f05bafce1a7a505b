"""Searching by meaning among many candidates: what the index finds of what is nearest, and how long a page takes.

Passages are made of 1,500 sentences about skills that the embedding model really read, two for each candidate, each a
mixture of two sentences and some noise: so they lie as thick as resumes of one trade do, and no two are the same.
"""

import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import sqlalchemy as sa
from psycopg import Cursor

from app.adapters.local.meaning import LocalMeaning
from app.candidates.commands import look_for, take_meaning
from app.engines.vocabulary import skills
from bench.house import House
from tenants import meaning

SENTENCES, QUERIES, FOUND = 1_500, 50, 10
NOISE = 0.6
TOLD = ("Responsible for {0} and {1}", "{0} with a small team, and {1}", "Five years of {0}; later {1}")
ASKED = ("somebody who knows {0}", "experience with {0} and {1}", "{0} in a small company")
COPY = "copy candidate_passage (candidate_id, number, text, meaning) from stdin"


def sentences(forms: tuple[str, ...], number: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    names = [skill.name for skill in skills().skills]
    return [draw.choice(forms).format(*draw.sample(names, 2)) for _ in range(number)]


def fill(home: House, per_person: int) -> float:
    """Passages of everybody, then the index; seconds that building it took."""
    told = sentences(TOLD, SENTENCES, 1)
    vectors = np.array(LocalMeaning().of(told), dtype=np.float32)
    draw = np.random.default_rng(2)
    owner = home.flask_app.extensions["owners"].main
    with owner.begin() as connection:
        connection.exec_driver_sql(f"set local search_path to {home.tenant.schema}")
        connection.exec_driver_sql(f"drop index {meaning.INDEX}")
        people = connection.scalars(sa.text("select id from candidate")).all()
        driver: Any = connection.connection.driver_connection
        cursor: Cursor[Any] = driver.cursor()
        with cursor.copy(COPY) as copy:
            for person in people:
                for number in range(1, per_person + 1):
                    one, two = draw.integers(SENTENCES, size=2)
                    mixed = (
                        vectors[one]
                        + 0.5 * vectors[two]
                        + NOISE * draw.standard_normal(meaning.WIDTH) / meaning.WIDTH**0.5
                    )
                    unit = (mixed / np.linalg.norm(mixed)).round(5)
                    copy.write_row((person, number, told[one], unit.tolist()))
    begun = time.perf_counter()
    with owner.begin() as connection:
        connection.exec_driver_sql("set local maintenance_work_mem to '1GB'")
        meaning.index(connection, home.tenant.schema)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"vacuum (analyze) {home.tenant.schema}.candidate_passage")
    return time.perf_counter() - begun


def recall(home: House) -> tuple[float, float, float]:
    """Of the ten nearest passages, how many the index finds; and the median milliseconds of both ways, warm."""
    queries = LocalMeaning().of(sentences(ASKED, QUERIES, 3))
    exact, index = [], []
    with home.flask_app.extensions["owners"].main.begin() as connection:
        connection.exec_driver_sql(f"set local search_path to {home.tenant.schema}")
        connection.exec_driver_sql("select '[1]'::public.vector")
        connection.exec_driver_sql(f"set local hnsw.ef_search to {meaning.LOOKED_AT}")
        for found, allowed in ((exact, "off"), (index, "on")):
            connection.exec_driver_sql(f"set local enable_indexscan to {allowed}")
            found += [_nearest(connection, query) for query in queries]
    hits = sum(len(one & other) for (one, _), (other, _) in zip(exact, index, strict=True))
    return (hits / (FOUND * QUERIES), *(float(np.median([spent for _, spent in found])) for found in (exact, index)))


def _nearest(connection: sa.Connection, query: list[float]) -> tuple[set[Any], float]:
    cast = f"public.halfvec({meaning.WIDTH})"
    begun = time.perf_counter()
    rows = connection.exec_driver_sql(
        f"select candidate_id, number from candidate_passage where number > 0"
        f" order by meaning::{cast} operator(public.<=>) %(query)s::real[]::{cast} limit {FOUND}",
        {"query": query},
    ).all()
    return {tuple(row) for row in rows}, 1000 * (time.perf_counter() - begun)


def searches(home: House) -> Iterator[str]:
    """Endless addresses of searches whose meaning is known, as it is of everything looked for a second time."""
    asked = sentences(ASKED, QUERIES, 3)
    with home.working():
        for words, vector in zip(asked, LocalMeaning().of(asked), strict=True):
            search = look_for(words)
            assert search
            take_meaning(search, vector)
    while True:
        for words in asked:
            yield f"/candidates?q={quote(words)}"


def likes(home: House) -> Iterator[str]:
    with home.flask_app.extensions["owners"].main.connect() as connection:
        people = connection.scalars(sa.text(f"select id from {home.tenant.schema}.candidate limit 500")).all()
    while True:
        for person in people:
            yield f"/candidates/{person}/alike"
