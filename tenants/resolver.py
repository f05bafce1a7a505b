"""Host → tenant → scope, around each request."""

from contextlib import ExitStack
from typing import Any

import structlog
from flask import Flask, abort, redirect, request, url_for
from sqlalchemy.exc import DBAPIError

from tenants.db import db
from tenants.registry import Registry, TenantRecord
from tenants.scope import bound, tenant_or_none
from tenants.work import unit_of_work

OPERATORS_PAGES = "operations"
IN_EVERY_HOUSE = frozenset({"identity", "account"})
log = structlog.get_logger()


class MovingError(Exception):
    """The tenant is on its way to another database; its pages are back in minutes."""


class TenantFlask(Flask):
    """Flask, but each request runs in its host's tenant and in one transaction.

    Views named in `without_tenant` (health, metrics, assets) run in neither.
    """

    registry: Registry
    without_tenant: set[str]

    def serves(self, endpoint: str) -> bool:
        """Operators get no company's pages at their address, and companies none of the operators' at theirs."""
        blueprint, tenant = endpoint.partition(".")[0], tenant_or_none()
        if tenant is not None and tenant.kind == "operators":
            return blueprint == OPERATORS_PAGES or blueprint in IN_EVERY_HOUSE
        return blueprint != OPERATORS_PAGES

    def refuse_closed(self) -> Any:
        """Before each request, and before any gate that would ask the tenant's tables who is there."""
        if request.url_rule is None or request.url_rule.endpoint in self.without_tenant:
            return None
        tenant = tenant_or_none()
        if tenant is None:
            abort(404, "There is no company at this address.")
        if tenant.state == "moving":
            raise MovingError(tenant.slug)
        if tenant.state != "active":
            abort(403, "This company's account is suspended.")
        if tenant.kind == "operators" and request.path == "/":
            return redirect(url_for("operations.work"), 303)
        if not self.serves(request.url_rule.endpoint):
            abort(404)
        return None

    def dispatch_request(self) -> Any:
        if request.url_rule is None or request.url_rule.endpoint in self.without_tenant:
            return super().dispatch_request()
        with unit_of_work():
            return super().dispatch_request()

    def full_dispatch_request(self) -> Any:
        """The tenant stays in scope for the error pages too; they are written in its language and colours."""
        with ExitStack() as stack:
            try:
                tenant = self.tenant_of_request()
            except Exception as error:  # noqa: BLE001 -- the registry's database is away: answered like any page's
                return self.finalize_request(self.handle_user_exception(error), from_error_handler=True)
            if tenant is not None:
                stack.enter_context(bound(tenant))
            return super().full_dispatch_request()

    def handle_user_exception(self, e: Exception) -> Any:
        """Where an error's page fails itself (its database went, too), it is answered like any error."""
        try:
            return super().handle_user_exception(e)
        except Exception as another:
            if another is e:
                raise
            return super().handle_user_exception(another)

    def do_teardown_appcontext(self, *given: Any) -> None:
        """What cannot be rolled back went with its connection: no answer that is on its way is cut short for it."""
        try:
            super().do_teardown_appcontext(*given)
        except DBAPIError as error:
            log.warning("connection_lost_at_the_end", error=type(error.orig).__name__)
            db.session.registry.clear()

    def tenant_of_request(self) -> TenantRecord | None:
        if request.url_rule is not None and request.url_rule.endpoint in self.without_tenant:
            return None
        return self.registry.by_host(request.host.rsplit(":", 1)[0].lower())
