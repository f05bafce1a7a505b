"""What happened with openings."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class _PostingEvent(Event):
    posting_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"posting-{self.posting_id}", "postings")


class AnalysisAsked(_PostingEvent):
    name: ClassVar[str] = "posting.analysis_asked"


class PostingAnalysed(_PostingEvent):
    name: ClassVar[str] = "posting.analysed"


class PostingPublished(_PostingEvent):
    name: ClassVar[str] = "posting.published"


class PostingClosed(_PostingEvent):
    name: ClassVar[str] = "posting.closed"


class PostingChanged(_PostingEvent):
    name: ClassVar[str] = "posting.changed"
