"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set: from a request through outbox and relay to tasks.

A trace's id is a digest of the request's id, which facts and tasks carry anyway: nothing else has to travel, and all
processes sample alike. Spans hold what code names, ids and numbers; never an address, a statement's values, or what an
error says. So spans are our own: instrumentations of whole libraries put addresses into theirs.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event

from app.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

EXPORT_SECONDS = 5.0
Said = Mapping[str, str | int]
_SUMMARY = re.compile(r"\s*(?:(update)\s+\"?(\w+)|(\w+)(?:.*?\b(?:from|into)\s+\"?(\w+))?)", re.IGNORECASE | re.DOTALL)
_ids: ContextVar[tuple[int, int] | None] = ContextVar("ids_of_the_next_span", default=None)
_provider: "TracerProvider | None" = None
_tracer: "Tracer | None" = None


def begin(settings: Settings) -> bool:
    """Whether there are traces; from now on, once a process."""
    global _provider, _tracer  # noqa: PLW0603 -- there is one exporter in a process
    if settings.otel_exporter_otlp_endpoint is None:
        return False
    if _provider is None:
        _provider = _made(settings)
        _tracer = _provider.get_tracer("assay")
    return True


def end() -> None:
    """Send what waits, and trace no more."""
    global _provider, _tracer  # noqa: PLW0603
    if _provider is not None:
        _provider.shutdown()
    _provider = _tracer = None


def _made(settings: Settings) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    class Ids(RandomIdGenerator):
        """Those that were laid out for the next span; else chance."""

        def generate_trace_id(self) -> int:
            found = _ids.get()
            return found[0] if found else super().generate_trace_id()

        def generate_span_id(self) -> int:
            found = _ids.get()
            _ids.set(None)
            return found[1] if found else super().generate_span_id()

    share = TraceIdRatioBased(settings.otel_traces_sampler_arg)
    said = settings.otel_exporter_otlp_headers
    exporter = OTLPSpanExporter(
        endpoint=f"{(settings.otel_exporter_otlp_endpoint or '').rstrip('/')}/v1/traces",
        headers=dict(_pairs(said.get_secret_value())) if said else {},
        timeout=EXPORT_SECONDS,
    )
    provider = TracerProvider(
        sampler=ParentBased(share, remote_parent_sampled=share, remote_parent_not_sampled=share),
        resource=Resource({"service.name": "assay", "deployment.environment.name": settings.environment}),
        id_generator=Ids(),
        shutdown_on_exit=True,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _pairs(said: str) -> Iterator[tuple[str, str]]:
    """name=value,name=value"""
    for pair in said.split(","):
        name, _, value = pair.partition("=")
        if name.strip():
            yield name.strip(), value.strip()


@contextmanager
def request(name: str, request_id: str, said: Said) -> Iterator["Span | None"]:
    """The span that begins a request's trace; those of its facts and tasks hang on it."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind

    _ids.set(_ids_of(request_id))
    with _tracer.start_as_current_span(
        name, Context(), SpanKind.SERVER, _plain(said, request_id), record_exception=False,
        set_status_on_exception=False,
    ) as span:  # fmt: skip
        yield span


@contextmanager
def following(name: str, request_id: str | None, said: Said) -> Iterator["Span | None"]:
    """A span of what a request left to be done; in a trace of its own where no request did."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    with _tracer.start_as_current_span(
        name, _hanging_on(request_id), SpanKind.CONSUMER, _plain(said, request_id),
        record_exception=False, set_status_on_exception=False,
    ) as span:  # fmt: skip
        yield span


def relayed(fact: str, request_id: str | None, *, since: datetime, tenant: str) -> None:
    """How long a fact waited in its outbox until it was tasks: it is now."""
    if _tracer is None:
        return
    from opentelemetry.trace import SpanKind

    _tracer.start_span(
        f"relay {fact}", _hanging_on(request_id), SpanKind.PRODUCER,
        _plain({"assay.tenant": tenant}, request_id), start_time=int(since.timestamp() * 1e9),
    ).end()  # fmt: skip


@contextmanager
def inside(name: str) -> Iterator[None]:
    """A part of whatever is traced now; nothing where nothing is."""
    if _tracer is None or not _is_traced():
        yield
        return
    with _tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False):
        yield


def failed(span: "Span | None") -> None:
    """Says that it went wrong, and not how: the log has that under the request's id."""
    if span is not None:
        from opentelemetry.trace import StatusCode

        span.set_status(StatusCode.ERROR)


def watch(engine: sa.Engine) -> None:
    """A span for each statement within a trace, named by its verb and table."""
    event.listen(engine, "before_cursor_execute", _statement_begins)
    event.listen(engine, "after_cursor_execute", _statement_ended)
    event.listen(engine, "handle_error", _statement_failed)


def _statement_begins(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if _tracer is not None and _is_traced():
        from opentelemetry.trace import SpanKind

        span = _tracer.start_span(summary(statement), kind=SpanKind.CLIENT, attributes={"db.system": "postgresql"})
        connection.info["span"] = span


def _statement_ended(connection: Any, *_: Any) -> None:
    if span := connection.info.pop("span", None):
        span.end()


def _statement_failed(context: Any) -> None:
    if context.connection is not None and (span := context.connection.info.pop("span", None)):
        failed(span)
        span.end()


def summary(statement: str) -> str:
    """Its verb and the first table that it names; both are ours."""
    found = _SUMMARY.match(statement)
    return " ".join(filter(None, found.groups())).lower() if found else "statement"


def _is_traced() -> bool:
    from opentelemetry.trace import get_current_span

    return get_current_span().is_recording()


def _hanging_on(request_id: str | None) -> Any:
    """A context whose span is the request's; an empty one without a request."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    if request_id is None:
        return Context()
    trace_id, span_id = _ids_of(request_id)
    there = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(there), Context())


def _ids_of(request_id: str) -> tuple[int, int]:
    digest = hashlib.sha256(b"trace" + request_id.encode()).digest()
    return int.from_bytes(digest[:16], "big") or 1, int.from_bytes(digest[16:24], "big") or 1


def _plain(said: Said, request_id: str | None) -> dict[str, str | int]:
    return {name: value for name, value in {**said, "request_id": request_id or ""}.items() if value != ""}
