"""JSON lines on stderr, with request id and tenant; personal data is not logged, ids are, and a mask is over all.

What libraries log by themselves comes the same way: one record, one line, its trace included.
"""

import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from app.kernel.masking import OURS, masked, masked_all
from app.settings import Settings


def configure(settings: Settings) -> None:
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up each time: who configured this may have been somebody whose stderr is closed by now.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.setLogRecordFactory(_masked_record)
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if not isinstance(one, _Lines)), _Lines()]
    if settings.sentry_dsn:
        _report(settings.sentry_dsn.get_secret_value(), settings.environment)


def _report(dsn: str, environment: str) -> None:
    """Errors to Sentry, without what it calls personal (its default), and to nobody to whom that address leads on."""
    import sentry_sdk
    from sentry_sdk.transport import HttpTransport

    class Straight(HttpTransport):
        def _request(self, method: str, endpoint_type: Any, body: Any, headers: Any) -> Any:
            address = self._auth.get_api_url(endpoint_type)
            return self._pool.request(method, address, body=body, headers=headers, redirect=False)

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        include_local_variables=False,
        before_send=_without_address,
        transport=Straight,
    )


def _without_address(event: Any, _hint: Any) -> Any:
    """Addresses hold candidates' tokens, and what people searched for: only the method leaves the house."""
    if "request" in event:
        event["request"] = {"method": event["request"].get("method")}
    for told in event.get("exception", {}).get("values", []):
        told["value"] = masked(told.get("value") or "")
    return event


def _mask(_logger: Any, _method: str, event: Any) -> Any:
    return {key: value if key in OURS else masked_all(value) for key, value in event.items()}


def _masked_record(*given: Any, **named: Any) -> logging.LogRecord:
    """What libraries log by themselves, the traces of their errors included."""
    record = logging.LogRecord(*given, **named)
    record.msg, record.args = masked(_message(record)), None
    if record.exc_info and record.exc_info[0]:
        record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
    return record


class _Lines(logging.Handler):
    """On whatever stderr is by then."""

    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        said = {"logger": record.name, "event": record.getMessage(), "level": record.levelname.lower(), "timestamp": at}
        traces = [trace for trace in (record.exc_text, record.stack_info) if trace]
        told = said | ({"exception": masked("\n".join(traces))} if traces else {})
        with suppress(OSError, ValueError):  # as logging does: nothing breaks because stderr is closed
            sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")


def _message(record: logging.LogRecord) -> str:
    """Of an object too, as an error that is logged itself. Nothing breaks because it cannot be said in words."""
    for words in (record.getMessage, record.msg.__str__):
        with suppress(Exception):
            return words()
    return type(record.msg).__name__
