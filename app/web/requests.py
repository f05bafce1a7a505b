"""Requests as pages want them: without the one character that PostgreSQL's texts cannot hold."""

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


class CleanRequest(Request):
    """NUL is nothing that a person types; where a program sends it, it is left out instead of breaking the page."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.__dict__["form"] = _clean(self.__dict__["form"])

    @property
    def args(self) -> Any:
        return _clean(super().args)


def _clean(values: Any) -> Any:
    pairs = list(values.items(multi=True))
    if not any("\0" in text for pair in pairs for text in pair):
        return values
    return ImmutableMultiDict([(key.replace("\0", ""), text.replace("\0", "")) for key, text in pairs])
