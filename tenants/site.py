"""The address under which people reach the tenant in scope."""

from flask import current_app

from tenants.scope import current_tenant


def site_url() -> str:
    """Scheme, host and port, without a slash; the first of the tenant's hosts."""
    flask_app = current_app
    hosts = flask_app.extensions["registry"].hosts()[current_tenant().id]
    url: str = flask_app.extensions["settings"].url_for_host(hosts[0], "")
    return url
