"""Where one looks from: beside the board, out of the list, or by itself; and through which filter."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from app.applications.enums import ApplicationState
from app.applications.forms import filter_of
from app.applications.models import Application
from app.applications.queries import Filter

BOARD, LIST = "board", "list"


@dataclass(frozen=True)
class Context:
    at: str
    wanted: Filter

    @property
    def beside(self) -> bool:
        return self.at == BOARD

    def in_address(self) -> dict[str, Any]:
        return {**({"at": self.at} if self.at else {}), **self.wanted.in_address()}

    def neighbours(self, application: Application) -> Filter:
        """Out of a list its own filter; else the column that the application stands in."""
        if self.at == LIST:
            return self.wanted
        return replace(self.wanted, stage=application.stage_id, state=application.state)

    def back(self, posting_id: uuid.UUID) -> str:
        page = "applications.listing" if self.at == LIST else "applications.board"
        return url_for(page, posting_id=posting_id, **self.wanted.in_address())

    def of(self, application_id: uuid.UUID) -> str:
        return url_for("application.show", application_id=application_id, **self.in_address())


def context_of_request(address: Mapping[str, str] | None = None) -> Context:
    address = request.args if address is None else address
    at = address.get("at", "")
    wanted = filter_of(address)
    if at == BOARD:
        wanted = replace(wanted, stage=None, state=ApplicationState.ACTIVE)
    return Context(at if at in {BOARD, LIST} else "", wanted)
