"""A judge that does as it is told: by default it quotes what was said first, on order it misbehaves."""

import threading
from collections import defaultdict
from decimal import Decimal

from app.kernel.errors import Refused, Unavailable
from app.ports.judging import Bill, Judgement, JudgeRequest, Quote, Unusable, band_of, input_hash, nothing_said


class FakeJudge:
    """`scores` by name of dimension; `orders` by name of dimension, one used up per call.

    Orders: "unavailable", "refused", "unusable" (refused, and paid for), "invented" (a quote nobody said), "unfounded" (a level without quotes).
    """

    engine = "fake/1"
    prompt_version = "fake-1"
    metered = False
    tokens = 0
    cost = Decimal(0)

    def __init__(self, scores: dict[str, int] | None = None, *, usual: int = 60) -> None:
        self.scores, self.usual = scores or {}, usual
        self.orders: dict[str, list[str]] = defaultdict(list)
        self.bands: dict[str, tuple[int, int]] = {}
        self.calls: list[str] = []
        self.together: threading.Barrier | None = None

    def judge(self, request: JudgeRequest) -> Judgement:
        self.calls.append(request.dimension)
        order = self.orders[request.dimension].pop(0) if self.orders[request.dimension] else ""
        if self.together is not None:
            self.together.wait(10)
        if order == "unavailable":
            raise Unavailable("the fake is busy")
        if order == "refused":
            raise Refused("policy", "the fake will not judge this")
        if order == "unusable":
            bill = Bill(self.engine, self.tokens, self.tokens // 10, self.cost)
            raise Unusable(Refused("bad-reply", "the fake talks nonsense"), bill)
        if nothing_said(request):
            return self._judgement(request, None, (), "nothing-said")
        score = self.scores.get(request.dimension, self.usual)
        return self._judgement(request, score, self._quotes(request, order), None)

    def _quotes(self, request: JudgeRequest, order: str) -> tuple[Quote, ...]:
        if order == "unfounded":
            return ()
        said = next(turn for turn in request.turns if turn.answer.strip())
        sentence = said.answer.split(".")[0] + "."
        return (Quote(sentence.replace("a", "o", 1) if order == "invented" else sentence, said.number),)

    def _judgement(self, request, score, quotes, not_scored):
        low, high = self.bands.get(request.dimension, (None, None)) if score is not None else (None, None)
        return Judgement(
            level=None if score is None else band_of(score), score=score, reason="As the fake was told.", quotes=quotes,
            not_scored=not_scored, flags=(), engine=self.engine, prompt_version="fake-1",
            input_hash=input_hash(request, self.engine, "fake-1"), tokens_in=self.tokens, tokens_out=self.tokens // 10,
            cost_usd=self.cost,
            took_ms=1, low=low, high=high,
        )  # fmt: skip
