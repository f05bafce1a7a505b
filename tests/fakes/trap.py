"""Somebody who listens on loopback and counts who comes; whoever asks in HTTP is led on to another address."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METADATA = "http://169.254.169.254/latest/meta-data/"


class Trap(ThreadingHTTPServer):
    """By IPv4 and IPv6, TCP and UDP, on one port. `asked`: the requests as they came, with their headers."""

    daemon_threads = True

    def __init__(self, *, leads_to: str = METADATA, status: int = 302) -> None:
        super().__init__(("", 0), _Lead, bind_and_activate=False)
        self.socket.close()
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        self.socket = socket.create_server(("", 0), family=family, dualstack_ipv6=both)
        self.port = self.socket.getsockname()[1]
        self.server_name, self.server_port = "trap", self.port
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(("127.0.0.1", self.port))
        self._datagrams.setblocking(False)
        self.leads_to, self.status = leads_to, status
        self._connections = 0
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def calls(self) -> int:
        """Datagrams stay in line until somebody asks for them here."""
        try:
            while True:
                self._datagrams.recv(1)
                self._connections += 1
        except BlockingIOError:
            return self._connections

    def verify_request(self, _request: object, _address: object) -> bool:
        self._connections += 1
        return True

    @contextmanager
    def running(self) -> Iterator["Trap"]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            self._datagrams.close()
            thread.join()


class _Lead(BaseHTTPRequestHandler):
    server: Trap
    timeout = 1
    protocol_version = "HTTP/1.1"  # who sends a file asks first whether to

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.leads_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Requests are no news."""
