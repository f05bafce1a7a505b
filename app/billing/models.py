"""What language models cost a company, and what they said not long ago."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenants.sealed import SealedJson, persons
from tenants.tables import TenantModel, Timestamp


class LlmUsage(TenantModel):
    """A month's calls of one engine for one purpose. Of nobody: it stays when people are erased."""

    __tablename__ = "llm_usage"

    month: Mapped[date] = mapped_column(primary_key=True)
    engine: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(server_default="0")
    hits: Mapped[int] = mapped_column(server_default="0")
    tokens_in: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    tokens_out: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    cost_usd: Mapped[Decimal] = mapped_column(sa.Numeric(14, 6), server_default="0")


class LlmResult(TenantModel):
    """One answer, kept for a day under the key of the person whom it is about: the same question is not paid twice."""

    __tablename__ = "llm_result"
    __table_args__ = (sa.Index("ix_llm_result_input_hash", "input_hash", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    input_hash: Mapped[str]
    at: Mapped[datetime] = mapped_column(Timestamp)
    result: Mapped[dict[str, Any]] = mapped_column(SealedJson("llm_result.result", dict))


class LlmNotice(TenantModel):
    """That a share of a month's budget was reached, and told."""

    __tablename__ = "llm_notice"

    month: Mapped[date] = mapped_column(primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Timestamp)
