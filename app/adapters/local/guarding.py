"""Before a language model sees an answer: what speaks to whoever judges is taken out of it, and shown to people; so is
what says who speaks, and nothing else.
"""

from dataclasses import replace
from typing import Final

from app.ports.judging import AnswerTurn, Judge, JudgeFlag, Judgement, JudgeRequest, checked, input_hash

GUARD: Final = "guard-3"


class GuardedJudge:
    """The judge within, asked about the answers without their orders: a model that obeys them never reads them."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.engine, self.metered = judge.engine, judge.metered

    @property
    def prompt_version(self) -> str:
        return f"{self._judge.prompt_version}+{GUARD}"

    def judge(self, request: JudgeRequest) -> Judgement:
        """Hash and version are of what came in, before anything was taken out; so are quotes.

        One that runs over a place where something was taken out was never said like that.
        """
        turns, flags = [], list[JudgeFlag]()
        for turn in request.turns:
            answer, ordering = _without_orders(turn)
            turns.append(replace(turn, answer=answer))
            flags += [JudgeFlag("instruction-like", turn.number, part) for part in ordering]
        judgement = checked(self._judge.judge(replace(request, turns=tuple(turns))), request)
        return replace(
            judgement, flags=tuple(dict.fromkeys([*flags, *judgement.flags])), prompt_version=self.prompt_version,
            input_hash=input_hash(request, self.engine, self.prompt_version),
        )  # fmt: skip


def _without_orders(turn: AnswerTurn) -> tuple[str, list[str]]:
    from app.engines.judging.instructions import parted

    _, ordering = parted(turn.answer)
    answer = turn.answer
    for part in ordering:
        answer = answer.replace(part, " ", 1)
    return _without_introduction(answer), ordering


def _without_introduction(answer: str) -> str:
    """Without the sentences that say who speaks, where others are left."""
    from app.engines.judging.blind import about_oneself
    from app.engines.judging.pieces import sentences

    said = sentences(answer)
    who = [part for part in said if about_oneself(part)]
    for part in who if len(who) < len(said) else []:
        answer = answer.replace(part, " ", 1)
    return answer.strip() if who else answer
