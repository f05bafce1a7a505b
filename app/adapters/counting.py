"""What calls to language models came to, and where reports were read. Engines and databases are few and named by the
settings; nothing of a person is counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from time import perf_counter
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from app.adapters import tracing
from app.kernel.errors import Refused

ENDS: Final = ("answered", "unavailable", "refused")
SECONDS = Histogram(
    "assay_llm_seconds", "Time of a call to a language model", ["engine", "end"],
    buckets=(0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120),
)  # fmt: skip
TOKENS = Counter("assay_llm_tokens_total", "Tokens sent and received", ["engine", "direction"])
KEYS = Counter("assay_llm_key_calls_total", "Calls by key: its engine and number in the ring", ["key", "end"])
REPORTS = Counter("assay_report_reads_total", "Reports by where they were read", ["database", "where"])
BEHIND = Gauge("assay_replica_behind_seconds", "How far a read replica was behind when last looked at", ["database"])
COST = Counter("assay_llm_cost_dollars_total", "Cost at listed prices", ["engine"])
HITS = Counter("assay_llm_cache_hits_total", "Answers that a kept one stood for, so that no call was made", ["engine"])


def expect(engine: str) -> None:
    """Start every count at zero: a count that first appears as 1 has, for Prometheus, not risen."""
    for end in ENDS:
        SECONDS.labels(engine, end)
    for direction in ("in", "out"):
        TOKENS.labels(engine, direction)
    COST.labels(engine)
    HITS.labels(engine)


def expect_reports(database: str) -> None:
    for where in ("replica", "primary"):
        REPORTS.labels(database, where)


def report(database: str, where: str) -> None:
    REPORTS.labels(database, where).inc()


def replica_behind(database: str, seconds: float) -> None:
    BEHIND.labels(database).set(seconds)


@contextmanager
def call(engine: str) -> Iterator[None]:
    started, end = perf_counter(), "unavailable"
    try:
        with tracing.inside(f"llm {engine}"):
            yield
        end = "answered"
    except Refused:
        end = "refused"
        raise
    finally:
        SECONDS.labels(engine, end).observe(perf_counter() - started)


def paid(engine: str, *, tokens_in: int, tokens_out: int, dollars: Decimal) -> None:
    TOKENS.labels(engine, "in").inc(tokens_in)
    TOKENS.labels(engine, "out").inc(tokens_out)
    COST.labels(engine).inc(float(dollars))


def hit(engine: str) -> None:
    HITS.labels(engine).inc()


def key(name: str, end: str) -> None:
    """`end`: answered, refused, unavailable, limited (by ourselves), skipped (its breaker is open)."""
    KEYS.labels(name, end).inc()
