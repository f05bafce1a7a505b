"""What a page shows of the customer it belongs to."""

from dataclasses import dataclass

from app.web.theme import DEFAULT_COLOUR


@dataclass(frozen=True, slots=True)
class Branding:
    name: str = "Assay"
    colour: str = DEFAULT_COLOUR
    logo_url: str | None = None
    help_url: str = ""
    contact: str = ""
