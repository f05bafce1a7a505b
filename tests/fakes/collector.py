"""A collector of traces on 127.0.0.1: it takes what is sent by OTLP over HTTP, and keeps it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Told:
    """A span as it came; `everything` is all of its text."""

    name: str
    trace: str
    id: str
    parent: str
    said: dict[str, Any]
    failed: bool
    everything: str


class Collector:
    def __init__(self) -> None:
        self.spans: list[Told] = []
        self.headers: list[dict[str, str]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["Collector"]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()

    def _take(self, content: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(content).resource_spans:
            for scope in resource.scope_spans:
                self.spans += [_told(span, resource.resource) for span in scope.spans]

    def _handler(collector) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/traces":
                    collector.headers.append({key.lower(): value for key, value in self.headers.items()})
                    collector._take(content)
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Requests are no news."""

        return Handler


def _told(span: Any, resource: Any) -> Told:
    said = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}
    return Told(
        span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), said, span.status.code == 2,
        f"{span}{resource}",
    )  # fmt: skip
