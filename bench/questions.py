"""Questions like a question, in a company whose jobs have a thousand kits of eight: the page, and what it is made of.

Goal: the page p95 under 200 ms. Questions are the bank's own, a third of them worded anew by what they are asked with,
so that they lie as kits do: many the same, many nearly the same.
"""

import argparse
import random
import time
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from app.adapters.local.bank import LocalBank
from app.engines.asking import bank
from app.identity.commands import actor_of
from app.identity.models import Member
from app.interviews.commands import kits
from app.interviews.commands.alike import take_places
from app.interviews.models import Kit, Question
from app.interviews.queries import kit_of
from app.interviews.queries.alike import likes_of, without_meaning
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings.commands import write_posting
from app.postings.models import Posting
from bench.house import HOST, House, free_port, house, percentile, web
from bench.pages import Client, patiently
from tenants.db import db

GOAL, EACH, WARM = 200.0, 8, 5
WORDED = ("In your last job: {0}", "{0} Take one case and tell it.", "{0} What came of it?", *["{0}"] * 6)
LEVELS = ("nothing", "a little", "enough", "a lot")


def fill(home: House, jobs: int) -> None:
    draw = random.Random(1)
    stock = [question.text for question in bank.english().questions if "{" not in question.text]
    for first in range(0, jobs, 100):
        with home.working():
            ada = db.session.scalars(sa.select(Member)).one()
            for number in range(first, min(first + 100, jobs)):
                posting = write_posting(text=f"Job {number}", by=ada, actor=actor_of(ada))
                texts = [draw.choice(WORDED).format(text) for text in draw.sample(stock, EACH)]
                questions = tuple(ProposedQuestion(text, 3, "experience", ("All",), "what was done") for text in texts)
                proposal = KitProposal((ProposedDimension("All", "All", 100, LEVELS),), questions)
                kits.take_proposal(posting.id, proposal, engine="bench", language="en")


def place_all(home: House) -> tuple[int, float]:
    """As workers do; how many, and seconds a thousand."""
    stock, placed, spent = LocalBank(), 0, 0.0
    while asked := _lacking(home, stock.engine):
        begun = time.perf_counter()
        places = stock.place([text for _id, text in asked])
        with home.working():
            rows = [(row, text, place) for (row, text), place in zip(asked, places, strict=True)]
            take_places(rows, engine=stock.engine)
        placed, spent = placed + len(asked), spent + time.perf_counter() - begun
    return placed, 1_000 * spent / max(placed, 1)


def _lacking(home: House, engine: str) -> list[tuple[uuid.UUID, str]]:
    with home.working():
        posting = db.session.scalars(sa.select(Posting.id).limit(1)).one()
        found = (without_meaning(posting, engine, others=others, most=512) for others in (False, True))
        return [row for rows in found for row in rows]


def timed(what: str, times: int, act: Callable[[int], object]) -> None:
    took = []
    for number in range(times):
        begun = time.perf_counter()
        act(number)
        took.append(1_000 * (time.perf_counter() - begun))
    said(what, took)


def said(what: str, took: list[float]) -> None:
    print(f"{what:44} p50 {percentile(took, 0.5):6.1f}  p95 {percentile(took, 0.95):6.1f}")


def asked_of_postgresql(home: House, drawn: list[tuple[uuid.UUID, uuid.UUID]]) -> None:
    found: list[int] = []
    engine = LocalBank().engine
    with home.working():
        ada = db.session.scalars(sa.select(Member)).one()

        def ask(number: int) -> None:
            posting_id, question_id = drawn[number]
            if kit := kit_of(posting_id):
                question = next(each for each in kit.questions if each.id == question_id)
                found.append(len(likes_of(ada, kit, question, engine=engine).found))

        timed("all that is asked of PostgreSQL, and chosen", len(drawn), ask)
    print(f"{sum(found) / len(found):.1f} questions shown, on average")


def new_ones(number: int) -> list[str]:
    return [f"{number} {each}: how do you begin?" for each in range(EACH)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000)
    parser.add_argument("--requests", type=int, default=100)
    asked = parser.parse_args()
    with house() as home:
        fill(home, asked.jobs)
        placed, thousand = place_all(home)
        print(f"{placed:,} questions of {asked.jobs:,} kits placed, {thousand:.1f} s a thousand; milliseconds")
        with home.working():
            rows = db.session.execute(sa.select(Kit.posting_id, Question.id).join(Kit, Kit.id == Question.kit_id)).all()
        drawn = [(row[0], row[1]) for row in random.Random(2).sample(rows, asked.requests)]
        stock = LocalBank()
        stock.place(["How do you begin?"])
        timed("a worker: 8 new questions against the bank", 20, lambda number: stock.place(new_ones(number)))
        asked_of_postgresql(home, drawn)
        with web(port := free_port()):
            patiently(port)
            client = Client(port, {"Cookie": home.cookie, "Host": f"{HOST}:{port}", "Accept-Encoding": "gzip"})
            paths = [f"/jobs/{job}/kit/questions/{row}/alike?tries=1" for job, row in drawn]
            took = [client.milliseconds(path) for path in [paths[0]] * WARM + paths][WARM:]
        said("the page", took)
        print(f"goal {GOAL:.0f}: {'met' if percentile(took, 0.95) < GOAL else 'missed'}")


if __name__ == "__main__":
    main()
