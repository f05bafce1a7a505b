"""Two families of tables: shared ones in schema `shared`; a tenant's have none, its role's path finds them."""

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Timestamp = sa.DateTime(timezone=True)


class SharedModel(DeclarativeBase):
    metadata = sa.MetaData(schema="shared", naming_convention=NAMES)
    type_annotation_map = {str: sa.Text()}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class TenantModel(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {str: sa.Text()}  # noqa: RUF012 -- SQLAlchemy reads it from the class
