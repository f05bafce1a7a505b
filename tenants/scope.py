"""The tenant of the moment. Entered by the resolver (requests), the runtime (tasks), the shell's words and the
operators' pages only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from flask import current_app

from tenants.registry import TenantRecord

_current: ContextVar[TenantRecord | None] = ContextVar("tenant", default=None)


class NoTenantError(RuntimeError):
    """Something asked for a tenant's data outside of any tenant."""


def current_tenant() -> TenantRecord:
    tenant = _current.get()
    if tenant is None:
        raise NoTenantError("no tenant is in scope")
    return tenant


def tenant_or_none() -> TenantRecord | None:
    return _current.get()


@contextmanager
def tenant_scope(tenant: TenantRecord) -> Iterator[TenantRecord]:
    """A tenant, in an app context and so a database session of its own.

    A session that outlived a change of tenant would answer from its identity map with the other one's rows.
    """
    with current_app.app_context(), bound(tenant):
        yield tenant


@contextmanager
def bound(tenant: TenantRecord) -> Iterator[None]:
    """Bind the tenant to the app context that is there; for the resolver, whose context is new with each request."""
    token = _current.set(tenant)
    with structlog.contextvars.bound_contextvars(tenant=tenant.slug):
        try:
            yield
        finally:
            _current.reset(token)
