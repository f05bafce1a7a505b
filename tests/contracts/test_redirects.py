"""S-59: whom an operator named gets what is sent, and nobody to whom that one would send us on."""

import logging
from contextlib import closing, nullcontext

import pytest
import sentry_sdk
from pydantic import SecretStr

from app import logs
from app.adapters import tracing
from app.adapters.anthropic.client import MessagesClient
from app.adapters.aws.kms import KmsMaster
from app.adapters.hashicorp.transit import TransitMaster
from app.adapters.llm.calls import Tool
from app.adapters.openai.client import ChatClient
from app.adapters.s3.bucket import Bucket
from app.kernel.errors import Unavailable
from tests.fakes.trap import Trap

pytestmark = pytest.mark.xdist_group("llm")
KEY = "key-that-travels-nowhere"
TOOL = Tool(name="record", description="Records.", schema={"type": "object", "properties": {}})


def judged(client, path=""):
    def send(url, _settings):
        with closing(client(KEY, "a-model", url + path, timeout=2.0, max_retries=0)) as made:
            made.ask("system", "the words of somebody", TOOL)

    return send


def wrapped_by_vault(url, settings):
    known = {"vault_addr": url, "vault_token": SecretStr(KEY), "vault_transit_key": "assay"}
    TransitMaster(settings.model_copy(update=known)).wrap(b"x" * 32, about="x")


def wrapped_by_kms(url, settings):
    known = {"kms_key_id": "k", "kms_region": "eu-central-1", "kms_endpoint_url": url, "kms_access_key_id": KEY, "kms_secret_access_key": SecretStr(KEY)}  # fmt: skip
    KmsMaster(settings.model_copy(update=known)).wrap(b"x" * 32, about="x")


def stored(url, settings):
    known = {"s3_region": "eu-central-1", "s3_endpoint_url": url, "s3_access_key_id": KEY, "s3_secret_access_key": SecretStr(KEY)}  # fmt: skip
    Bucket(settings.model_copy(update=known), "files").put("cv", b"the words of somebody")


def traced(url, settings):
    known = {"otel_exporter_otlp_endpoint": url, "otel_exporter_otlp_headers": SecretStr(f"x-key={KEY}")}
    assert tracing.begin(settings.model_copy(update=known))
    try:
        with tracing.request("GET /", "0123456789", {}):
            pass
    finally:
        tracing.end()


def reported(url, settings):
    known = {"sentry_dsn": SecretStr(url.replace("://", f"://{KEY}@") + "/1")}
    before = sentry_sdk.get_client()
    try:
        logs.configure(settings.model_copy(update=known))
        sentry_sdk.capture_message("a fault")
        sentry_sdk.flush(5)
    finally:
        sentry_sdk.get_client().close(0)
        sentry_sdk.get_global_scope().set_client(before if before.is_active() else None)


SENDERS = {
    "anthropic": judged(MessagesClient), "openai": judged(ChatClient, "/v1"), "vault": wrapped_by_vault, "kms": wrapped_by_kms,
    "s3": stored, "traces": traced, "sentry": reported,
}  # fmt: skip
SILENT = {"traces", "sentry"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("sender", SENDERS)
def test_s59_nothing_follows_whom_it_is_sent_to(sender, status, settings, monkeypatch, caplog):
    """Neither a key in a header nor the words go on to where a redirect leads."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    caplog.set_level(logging.CRITICAL)
    with Trap().running() as trap, Trap(leads_to=f"http://{trap.host}/there", status=status).running() as named:
        with pytest.raises(Unavailable) if sender not in SILENT else nullcontext() as told:
            SENDERS[sender](f"http://{named.host}", settings)

        assert KEY not in str(told)
        assert named.asked, "nothing was sent"
        assert trap.calls == 0
