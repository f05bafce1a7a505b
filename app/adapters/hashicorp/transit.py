"""The master key in the transit engine of Vault (or OpenBao): what wraps never leaves it."""

import base64
import json
from typing import Any
from urllib.parse import quote

import urllib3

from app.kernel.errors import Refused, Unavailable
from app.settings import Settings

CONNECT_SECONDS, READ_SECONDS, TRIES = 2.0, 5.0, 2
_SHUT = 400  # its word for: this text, under this key, with these words about it, does not open


class TransitMaster:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(
                TRIES, backoff_factor=0.2, status_forcelist={502, 503, 504}, allowed_methods=None, redirect=0,
                raise_on_status=False,
            ),
            maxsize=16,
        )  # fmt: skip

    def wrap(self, key: bytes, *, about: str) -> bytes:
        return self._text("encrypt", about, plaintext=_text64(key))

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes:
        said = self._ask("POST", "decrypt", about, ciphertext=wrapped.decode(), associated_data=_text64(about.encode()))
        return base64.b64decode(said["plaintext"])

    def rewrap(self, wrapped: bytes, *, about: str) -> bytes:
        """By decrypting and encrypting: transit's own rewrap knows nothing of associated data."""
        return self.wrap(self.unwrap(wrapped, about=about), about=about)

    def is_newest(self, wrapped: bytes) -> bool:
        """Asked of Vault each time: somebody may have rotated there a moment ago."""
        newest = self._ask("GET", "keys", "")["latest_version"]
        return wrapped.startswith(f"vault:v{newest}:".encode())

    def _text(self, act: str, about: str, **said: str) -> bytes:
        answer = self._ask("POST", act, about, associated_data=_text64(about.encode()), **said)
        return str(answer["ciphertext"]).encode()

    def _ask(self, method: str, act: str, about: str, **said: str) -> Any:
        at = self._settings
        name = quote(at.vault_transit_key or "", safe="")
        url = f"{(at.vault_addr or '').rstrip('/')}/v1/{at.vault_transit_mount}/{act}/{name}"
        try:
            answer = self._http.request(
                method, url, body=json.dumps(said).encode() if said else None, headers=self._headers()
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"Vault: {type(error).__name__}") from error
        if answer.status == _SHUT and act == "decrypt":
            raise Refused("unknown-master", f"Vault does not unwrap {about}")
        if answer.status != 200:  # noqa: PLR2004
            raise Unavailable(f"Vault: {answer.status}")
        return json.loads(answer.data)["data"]

    def _headers(self) -> dict[str, str]:
        """The token's file is read anew each time: an agent writes a fresh one before the old one ends."""
        at, token = self._settings, self._settings.vault_token
        said = at.vault_token_file.read_text().strip() if at.vault_token_file else token and token.get_secret_value()
        headers = {"Content-Type": "application/json", "X-Vault-Request": "true", "X-Vault-Token": said or ""}
        return headers | ({"X-Vault-Namespace": at.vault_namespace} if at.vault_namespace else {})


def _text64(content: bytes) -> str:
    return base64.b64encode(content).decode()
