"""Those who came by a link and have no account: an error page leads them back to where they were, not to a sign-in."""

from dataclasses import dataclass

from flask import request

_TOKEN = "csrf_token"  # noqa: S105 -- the name of a field


@dataclass(frozen=True, slots=True)
class Guest:
    """`back_url` is where they go on, `back` says so.

    `keeps` says that what they sent earlier is stored here. `resend` that a failed form may be offered to them once
    more: only where no cookie stands behind it, or another site's form would get a token of ours.
    """

    back_url: str
    back: str
    keeps: bool = False
    resend: bool = False


def posted(guest: Guest) -> list[tuple[str, str]]:
    """The fields of a form that did not get through, to be sent again as they are."""
    if not guest.resend or request.method != "POST":
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != _TOKEN]
