"""A small server on 127.0.0.1 that speaks the transit engine's addresses, with real encryption, and fails on order."""

import base64
import binascii
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultServer:
    """`order`: "ok", "slow", or a status that everything is answered with. `asked`: what was asked, oldest first."""

    def __init__(self) -> None:
        self.token, self.key, self.order = "hvs.otto", "assay", "ok"
        self.versions, self.oldest = [AESGCM(secrets.token_bytes(32))], 1
        self.asked: list[tuple[str, str]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["VaultServer"]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()

    def rotate(self) -> None:
        self.versions.append(AESGCM(secrets.token_bytes(32)))

    def answer(self, method: str, path: str, said: dict[str, str], token: str) -> tuple[int, dict[str, Any]]:
        self.asked.append((method, path))
        if self.order == "slow":
            time.sleep(2)
        if self.order.isdigit():
            return int(self.order), {"errors": ["on order"]}
        if token != self.token:
            return 403, {"errors": ["permission denied"]}
        if method == "GET" and path == f"/v1/transit/keys/{self.key}":
            return 200, {"data": {"latest_version": len(self.versions), "type": "aes256-gcm96"}}
        if method == "POST" and path == f"/v1/transit/encrypt/{self.key}":
            return 200, {"data": self._encrypted(said)}
        if method == "POST" and path == f"/v1/transit/decrypt/{self.key}":
            return self._decrypted(said)
        return 404, {"errors": []}

    def _encrypted(self, said: dict[str, str]) -> dict[str, Any]:
        nonce, version = secrets.token_bytes(12), len(self.versions)
        about = base64.b64decode(said["associated_data"])
        body = nonce + self.versions[-1].encrypt(nonce, base64.b64decode(said["plaintext"]), about)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(body).decode()}", "key_version": version}

    def _decrypted(self, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            word, version, text = said["ciphertext"].split(":")
            number, body = int(version[1:]), base64.b64decode(text)
            if word != "vault" or not self.oldest <= number <= len(self.versions):
                return 400, {"errors": ["ciphertext or signature version is disallowed by policy (too old)"]}
            about = base64.b64decode(said["associated_data"])
            plain = self.versions[number - 1].decrypt(body[:12], body[12:], about)
        except (ValueError, binascii.Error, InvalidTag):
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._say("GET", {})

            def do_POST(self) -> None:
                self._say("POST", json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def _say(self, method: str, said: dict[str, str]) -> None:
                status, body = server.answer(method, self.path, said, self.headers.get("X-Vault-Token", ""))
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    return

            def log_message(self, *_: object) -> None:
                """Requests are no news."""

        return Handler
