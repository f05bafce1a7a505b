"""Sealing what an older installation left: rows that a migration could only mark, letters and files of older keys."""

import uuid

import sqlalchemy as sa
from flask import current_app

from app.candidates.models import Resume, ResumePage
from app.kernel.errors import Erased, Refused
from app.letters.models import Mail
from app.ports.storage import Storage
from app.scorecards.models import Report
from tenants.db import db
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.sealed import seal_some, sealed_columns, tables_of_persons
from tenants.work import unit_of_work

OLD = b"\x01"
KEPT = (
    (Resume.storage_key, Resume.person_id),
    (ResumePage.image_key, ResumePage.person_id),
    (Report.storage_key, Report.person_id),
)


def seal_all(tenant: TenantRecord) -> dict[str, int]:
    """In small transactions, newest work undisturbed; whoever is killed is called again."""
    with tenant_scope(tenant):
        return {"rows": _rows(), "letters": _letters(), "files": _files()}


def _rows() -> int:
    sealed = 0
    for table in tables_of_persons():
        last, found = None, 1 if sealed_columns(table) else 0
        while found:
            with unit_of_work():
                found, last = seal_some(table, last)
            sealed += found
    return sealed


def _letters() -> int:
    """Letters that were sealed for the company, when no key was a person's."""
    vault = current_app.extensions["providers"].vault
    with unit_of_work():
        old = sa.select(Mail).where(sa.func.substring(Mail.sealed, 1, 1) == OLD)
        found = list(db.session.scalars(old.with_for_update()))
        for mail in found:
            about = f"mail/{mail.id}"
            mail.sealed = vault.seal(vault.open(mail.sealed, about=about), about=about, person=mail.person_id)
    return len(found)


def _files() -> int:
    storage, sealed = current_app.extensions["providers"].storage, 0
    for key_column, person_column in KEPT:
        with unit_of_work():
            kept = db.session.execute(sa.select(key_column, person_column).where(key_column.is_not(None))).all()
        for key, person in kept:
            sealed += _seal_file(storage, key, person)
    return sealed


def _seal_file(storage: Storage, key: str, person: uuid.UUID) -> int:
    """One that is gone, or whose person is, stays so."""
    try:
        if storage.person_of(key) == person:
            return 0
        storage.put(key, storage.get(key), person=person)
    except Erased:
        return 0
    except Refused as refused:
        if refused.code != "missing":
            raise
        return 0
    return 1
