"""What the environment says, read once and here alone. docs/configuration.md lists every field; a test keeps it so."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, env_file=None, env_ignore_empty=True, extra="ignore")

    database_url: SecretStr = Field(description="PostgreSQL as the owner: creates roles, schemas, tables.")
    app_database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL as the login role of web and workers; derived from DATABASE_URL if unset.",
    )
    databases: dict[str, SecretStr] = Field(
        default={},
        description='More databases for tenants, by the registry\'s name for them: {"two": "postgresql…"}.',
    )
    database_replicas: dict[str, SecretStr] = Field(
        default={}, description='Read replicas for reports, by the registry\'s name for their database: {"main": "…"}.'
    )
    replica_seconds_behind: float = Field(
        default=30.0, gt=0, description="A replica that is further behind is not read until it has caught up."
    )
    regions: dict[str, str] = Field(
        default={}, description='In which region each database is: {"main": "eu", "two": "in"}; unset: nobody asks.'
    )
    redis_url: SecretStr = Field(description="Redis: signals to workers and pings to pages; may be wiped at any time.")
    redis_keeps_no_file: bool = Field(
        default=False,
        description="In production, start on a Redis without its append-only file, too: signals are late then.",
    )
    data_dir: Path = Field(default=Path("var"), description="Where the local storage, keys and models lie.")
    master_key_file: Path | None = Field(
        default=None,
        description="32 bytes, base64, a line a version, newest first; made in DATA_DIR if unset. It wraps all keys.",
    )
    master_keeper: Literal["file", "kms", "vault"] = Field(
        default="file", description="Who wraps companies' keys; whoever else is set still opens what they wrapped."
    )
    kms_key_id: str | None = Field(default=None, description="The key in AWS KMS: its id, ARN or alias.")
    kms_region: str | None = Field(default=None, description="Its region; unset: as boto3 finds it.")
    kms_endpoint_url: str | None = Field(default=None, description="Another address of KMS: a private one.")
    kms_access_key_id: str | None = Field(default=None, description="Who we are to KMS; unset: as boto3 finds it.")
    kms_secret_access_key: SecretStr | None = Field(default=None, description="The secret of KMS_ACCESS_KEY_ID.")
    vault_addr: str | None = Field(default=None, description="Vault's address, https://vault.example:8200.")
    vault_token: SecretStr | None = Field(default=None, description="Who we are to Vault.")
    vault_token_file: Path | None = Field(
        default=None, description="The same, in a file that Vault's agent keeps fresh; it counts before VAULT_TOKEN."
    )
    vault_namespace: str | None = Field(default=None, description="Vault's namespace, where there are any.")
    vault_transit_mount: str = Field(default="transit", description="Where the transit engine is mounted.")
    vault_transit_key: str | None = Field(default=None, description="The name of the key there (aes256-gcm96).")
    s3_bucket: str | None = Field(default=None, description="Files lie in this bucket, sealed; unset: in DATA_DIR.")
    s3_keys_bucket: str | None = Field(
        default=None, description="Keys lie in this bucket, another one, that keeps no versions; unset: in DATA_DIR."
    )
    s3_prefix: str = Field(default="", description="What stands before the names of all that lies in the buckets.")
    s3_endpoint_url: str | None = Field(default=None, description="Another provider of S3's protocol than AWS: MinIO.")
    s3_region: str | None = Field(default=None, description="The bucket's region; unset: as boto3 finds it.")
    s3_access_key_id: str | None = Field(
        default=None, description="Who we are to S3; unset: as boto3 finds it (its environment, the machine's role)."
    )
    s3_secret_access_key: SecretStr | None = Field(default=None, description="The secret of S3_ACCESS_KEY_ID.")
    base_domain: str = Field(default="localhost", description="Companies live at SLUG.BASE_DOMAIN.")
    port: int = Field(default=8000, description="The port that people type, part of the links in letters.")
    listen_port: int | None = Field(
        default=None, description="Where the web process listens behind a proxy that has PORT; unset: at PORT."
    )
    bind: str = Field(default="127.0.0.1", description="The address that processes listen at.")
    web_threads: int = Field(default=16, description="Threads for pages in one web process.")
    trusted_proxies: str = Field(default="", description="Addresses of proxies whose X-Forwarded-For is believed.")
    scheme: str = Field(default="http", description="http or https, part of the links in letters.")
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp://user:password@host:port (smtps for TLS); unset: letters stay in the mailbox page.",
    )
    mail_from: str = Field(default="no-reply@assay.example", description="The sender's address of every letter.")
    clamd_address: str | None = Field(
        default=None,
        pattern=r"^(unix:/.+|(tcp:(//)?)?[^/\s]+:\d{1,5})$",
        description="ClamAV's clamd, unix:/path or host:port, scans files from outside; unset: nobody scans them.",
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None,
        description="Judge by an LLM; several keys, with commas between them, are used by turns.",
    )
    anthropic_model: str = Field(default="claude-sonnet-4-5", description="The LLM that judges.")
    anthropic_base_url: str | None = Field(default=None, description="Another endpoint of the same protocol.")
    openai_api_key: SecretStr | None = Field(
        default=None,
        description="As above for OpenAI, vLLM, Ollama; with both, this one comes in when the other fails."
        " Neither: the built-in engine.",
    )
    openai_model: str = Field(default="gpt-5-mini", description="The LLM that judges there.")
    openai_base_url: str | None = Field(default=None, description="Another endpoint of that protocol.")
    ai_log_days: int = Field(
        default=1461,
        ge=183,
        description="How long what engines made is logged; four years, and never under six months.",
    )
    llm_budget_dollars: Decimal | None = Field(
        default=None, ge=0, description="For each company and month, where it chose none itself; unset: no limit."
    )
    llm_samples: int = Field(default=3, ge=1, le=9, description="How often an LLM judges each dimension.")
    llm_at_once: int = Field(
        default=5, ge=1, le=16, description="How many dimensions an LLM judges at once for a worker."
    )
    llm_calls_per_minute: int = Field(default=50, ge=1, description="For each key of an LLM.")
    sentry_dsn: SecretStr | None = Field(default=None, description="Report errors to Sentry.")
    mailbox_page: bool = Field(default=False, description="Show what was mailed, links included; for demos only.")
    backup_dir: Path | None = Field(
        default=None,
        description="Where backups and PostgreSQL's archived log lie; unset: nowhere, or in BACKUP_BUCKET.",
    )
    backup_bucket: str | None = Field(
        default=None,
        description="Backups lie in this bucket, sealed; BACKUP_DIR is then the room for what is on its way.",
    )
    backup_keys_bucket: str | None = Field(
        default=None, description="Their keys lie in this one, that keeps no versions; unset: in BACKUP_BUCKET."
    )
    backup_keep_days: int = Field(default=28, description="Backups older than this go; the newest stays.")
    postgres_programs: Path | None = Field(
        default=None,
        description="The folder of pg_basebackup and its kind, of the server's own version; found if unset.",
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token that /metrics asks for; unset: there are no metrics."
    )
    metrics_port: int | None = Field(
        default=None,
        description="Where a worker, relay or scheduler answers /health and /metrics; unset: nowhere.",
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None, description="Send traces there by OTLP over HTTP, to /v1/traces below it; unset: there are none."
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        default=None, description="What the collector wants to be told: name=value,name=value."
    )
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1, description="The share of requests traced, 0 to 1.")
    environment: str = Field(default="production", description="production, staging, demo or test.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.s3_keys_bucket and self.s3_keys_bucket == self.s3_bucket:
            raise ValueError("S3_KEYS_BUCKET is S3_BUCKET: who may read files must not have their keys")
        if self.backup_bucket and self.backup_bucket in {self.s3_bucket, self.s3_keys_bucket}:
            raise ValueError("BACKUP_BUCKET is S3_BUCKET or S3_KEYS_BUCKET: both would be lost at once")
        if self.backup_keys_bucket and not self.backup_bucket:
            raise ValueError("BACKUP_KEYS_BUCKET is set without BACKUP_BUCKET")
        if self.backup_keys_bucket and self.backup_keys_bucket in {self.s3_bucket, self.s3_keys_bucket}:
            raise ValueError("BACKUP_KEYS_BUCKET is S3_BUCKET or S3_KEYS_BUCKET: both would be lost at once")
        if self.master_keeper == "kms" and not self.kms_key_id:
            raise ValueError("MASTER_KEEPER is kms: set KMS_KEY_ID")
        if self.master_keeper == "vault" and not (self.vault_transit_key and self.vault_addr):
            raise ValueError("MASTER_KEEPER is vault: set VAULT_ADDR and VAULT_TRANSIT_KEY")
        return self

    @property
    def models_dir(self) -> Path:
        return self.data_dir / "models"

    @property
    def key_file(self) -> Path:
        return self.master_key_file or self.data_dir / "master.key"

    def master_key(self) -> bytes:
        return self.master_keys()[0]

    def master_keys(self) -> list[bytes]:
        """The root of all keys, newest first: the others still open what they sealed, and nothing is sealed by them.

        Created on first use when no file is named: then back it up with the data.
        """
        file = self.key_file
        if not file.exists():
            if self.master_key_file:
                raise FileNotFoundError(f"MASTER_KEY_FILE {file} does not exist")
            _write_once(file, base64.b64encode(secrets.token_bytes(32)))
        return [base64.b64decode(line, validate=True) for line in file.read_bytes().split()]

    def derived(self, purpose: str, length: int = 32) -> bytes:
        """A key of its own for each purpose (HKDF, RFC 5869)."""
        return _derived(self.master_key(), purpose, length)

    def backup_seals(self) -> list[bytes]:
        """What seals backups that leave for a bucket, by each version of the master key, the newest first."""
        return [_derived(key, "backups") for key in self.master_keys()]

    def login_password(self) -> str:
        return self.login_passwords()[0]

    def login_passwords(self) -> list[str]:
        """By each version of the master key, the newest first."""
        return [base64.urlsafe_b64encode(_derived(key, "database login", 24)).decode() for key in self.master_keys()]

    def login_url(self, owner_url: str) -> str:
        """The same database, as the login role."""
        parts = urlsplit(owner_url)
        host = parts.netloc.rsplit("@", 1)[-1]
        return parts._replace(netloc=f"assay_login:{quote(self.login_password())}@{host}").geturl()

    def url_for_host(self, host: str, path: str) -> str:
        usual = {"http": 80, "https": 443}.get(self.scheme)
        port = "" if self.port == usual else f":{self.port}"
        return f"{self.scheme}://{host}{port}{path}"

    def fingerprint(self) -> str:
        """Tells two installations apart in logs, without telling the key."""
        return self.fingerprints()[0]

    def fingerprints(self) -> list[str]:
        """By each version of the master key, the newest first."""
        return [hashlib.sha256(b"fingerprint" + key).hexdigest()[:8] for key in self.master_keys()]


class CookieKeys:
    """What signs cookies and forms, the oldest first, as itsdangerous wants it: read again when the file has changed.

    So a process that runs accepts at once what another one signs by a newer version.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: tuple[int, list[str]] = (0, [])

    def __iter__(self) -> Iterator[str]:
        file = self._settings.key_file
        changed = file.stat().st_mtime_ns if file.exists() else -1
        if changed != self._read[0]:
            keys = [_derived(key, "cookies").hex() for key in reversed(self._settings.master_keys())]
            self._read = (changed, keys)
        return iter(self._read[1])


def _derived(key: bytes, purpose: str, length: int = 32) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=purpose.encode()).derive(key)


def _write_once(file: Path, content: bytes) -> None:
    """Two processes may start at once: the first to link its file wins, the other reads that one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    mine = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    mine.touch(0o600)
    mine.write_bytes(content)
    try:
        file.hardlink_to(mine)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
