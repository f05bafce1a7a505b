"""Words for a person, said where no language is known; app/web says them again in the language of the page."""

from typing import Any


class Sentence(str):
    """English, with its values filled in. Made by `sentence`, which is what the catalogue looks for."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]


def sentence(template: str, /, **values: Any) -> Sentence:
    """As gettext: `template` is a literal, and without values its % signs are plain text."""
    said = Sentence(template % values if values else template)
    said.template, said.values = template, values
    return said
