"""The product. `create_app` puts its rooms together and does nothing else; importing costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings
    from tenants.resolver import TenantFlask


def create_app(settings: Settings) -> TenantFlask:
    """Build the Flask object. Opens no connection, creates nothing, asks nobody."""
    from app.factory import build

    return build(settings)
