"""From a tenant's slug to the names of its schema and role: the only place where SQL names are made of words."""

import re

# The house of platform staff: a schema and role like a company's, in which operators are the members.
OPERATORS = "operators"
SLUG = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")


def is_slug(text: str) -> bool:
    return SLUG.fullmatch(text) is not None


def schema_of(slug: str) -> str:
    """The schema of a tenant, and the role of the same name.

    Raises ValueError on anything but a slug, so that what comes out may stand in a statement unquoted.
    """
    if not is_slug(slug):
        raise ValueError(f"not a slug: {slug!r}")
    return "t_" + slug.replace("-", "_")
