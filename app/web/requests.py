"""Requests as pages want them: without the characters that no person types and that would break or disguise a text."""

import uuid
from typing import Any, Final

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from app.kernel.errors import NotFound

# NUL, which PostgreSQL's texts cannot hold, and the controls that turn the direction of what follows: a name with one
# of them reads as another name (Unicode TR 36, 2.5). Marks and joiners that languages need (LRM, RLM, ZWJ, ZWNJ) stay.
LEFT_OUT: Final = dict.fromkeys((0, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
MOST_FIELDS: Final = 1_000


class CleanRequest(Request):
    """Where a program sends such a character, it is left out instead of breaking the page."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        if sum(map(len, self.__dict__["form"].listvalues())) > MOST_FIELDS:
            raise RequestEntityTooLarge
        self.__dict__["form"] = _clean(self.__dict__["form"])

    @property
    def args(self) -> Any:
        return _clean(super().args)


def id_in(written: str) -> uuid.UUID | None:
    """What an address names beside its path; None for nothing. Raises NotFound for what is no id."""
    try:
        return uuid.UUID(written) if written else None
    except ValueError as error:
        raise NotFound("page") from error


def _clean(values: Any) -> Any:
    pairs = list(values.items(multi=True))
    cleaned = [(key.translate(LEFT_OUT), text.translate(LEFT_OUT)) for key, text in pairs]
    return values if cleaned == pairs else ImmutableMultiDict(cleaned)
