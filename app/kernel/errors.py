"""What can go wrong, in a few kinds; translated once for pages (web/errors.py), once for tasks (jobs/runtime.py)."""

import errno
from collections.abc import Mapping
from datetime import timedelta


class NotFound(Exception):
    """Missing, or somebody else's: from outside the two look alike."""


class NotAllowed(Exception):
    """The person may know that the thing exists, but may not do this with it."""


class Invalid(Exception):
    """Bad input: a sentence for each field, "" for the whole form."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = dict(fields)


class Conflict(Exception):
    """Somebody else changed it first, or the step is no longer possible."""


class Unavailable(Exception):
    """Something outside does not answer; trying again makes sense, not before `after` where it is given."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Full(Unavailable):
    """There is no room left where it should be kept; it works again once somebody has made room."""


class Crowded(Unavailable):
    """Too much comes at once; it works again in a moment."""


class Refused(Exception):
    """Something outside says no for good; trying again with the same input cannot help.

    `code` is for programs and translations, the message for logs.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class Erased(Refused):
    """It was sealed for somebody who was erased: their key is destroyed, and nothing opens it."""

    def __init__(self) -> None:
        super().__init__("erased", "whom this was sealed for was erased")


def of_disk(what: str, error: OSError) -> Unavailable:
    """What it means that a file could not be written."""
    kind = Full if error.errno in {errno.ENOSPC, errno.EDQUOT} else Unavailable
    return kind(f"{what}: {error.strerror}")
