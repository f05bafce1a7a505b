"""Every keeper of the master key keeps the same promises: a file, AWS KMS, Vault's transit engine."""

import json
import secrets
import socket
import time
import urllib.request
import uuid

import pytest
from pydantic import SecretStr, ValidationError

from app.adapters.aws import kms as kms_adapter
from app.adapters.hashicorp import transit
from app.adapters.local.keyring import Keyring
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.vault import LocalVault
from app.adapters.registry import Providers
from app.cli.doctor import house as doctor
from app.cli.doctor.findings import well
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from tenants.registry import TenantRecord
from tenants.scope import bound
from tests.fakes.aws import client
from tests.fakes.vault_server import VaultServer

pytestmark = pytest.mark.xdist_group("aws")
KEEPERS = ["file", "kms", "vault"]
ALPHA = TenantRecord(uuid.uuid5(uuid.NAMESPACE_DNS, "alpha"), "alpha", "alpha", "active", "main")
ABOUT = f"{ALPHA.id}/company/1"
KEY = bytes(range(32))


@pytest.fixture
def server():
    with VaultServer().running() as running:
        yield running


@pytest.fixture
def kms(address):
    return client("kms", address)


@pytest.fixture
def known(settings, tmp_path, kms, address, server):
    """Settings in which every keeper is there, and the file is one of this test's own."""
    file = tmp_path / "master.key"
    file.write_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
    return settings.model_copy(
        update={
            "master_key_file": file, "kms_key_id": kms.create_key()["KeyMetadata"]["KeyId"], "kms_region": "eu-central-1",
            "kms_endpoint_url": address, "kms_access_key_id": "otto", "kms_secret_access_key": SecretStr("secret"),
            "vault_addr": server.url, "vault_token": SecretStr(server.token), "vault_transit_key": "assay",
        }
    )  # fmt: skip


def kept_by(known, keeper, **more):
    return Providers(known.model_copy(update={"master_keeper": keeper} | more)).master


@pytest.fixture(params=KEEPERS)
def keeper(request):
    return request.param


@pytest.fixture
def renew(known, kms, server):
    """renew(keeper): a newer version of the master there; gives settings that know it."""

    def renewed(keeper):
        if keeper == "file":
            known.master_key_file.write_text(
                "enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno=\n" + known.master_key_file.read_text()
            )
        elif keeper == "vault":
            server.rotate()
        else:
            return known.model_copy(update={"kms_key_id": kms.create_key()["KeyMetadata"]["KeyId"]})
        return known

    return renewed


def test_what_is_wrapped_unwraps_and_is_no_key(known, keeper):
    master = kept_by(known, keeper)
    wrapped, again = master.wrap(KEY, about=ABOUT), master.wrap(KEY, about=ABOUT)

    assert KEY not in wrapped
    assert wrapped != again
    assert (master.unwrap(wrapped, about=ABOUT), master.is_newest(wrapped)) == (KEY, True)
    assert kept_by(known, keeper).unwrap(wrapped, about=ABOUT) == KEY


def test_the_words_about_it_are_bound(known, keeper):
    master = kept_by(known, keeper)
    wrapped = master.wrap(KEY, about=ABOUT)
    for about in (ABOUT + "0", f"{uuid.uuid4()}/company/1", ""):
        with pytest.raises(Refused) as refused:
            master.unwrap(wrapped, about=about)
        assert refused.value.code == "unknown-master"


@pytest.mark.parametrize("where", [-1, -12])
def test_what_was_changed_is_refused(known, keeper, where):
    master = kept_by(known, keeper)
    wrapped = bytearray(master.wrap(KEY, about=ABOUT))
    wrapped[where] ^= 1
    with pytest.raises(Refused) as refused:
        master.unwrap(bytes(wrapped), about=ABOUT)
    assert refused.value.code == "unknown-master"


def test_a_newer_version_wraps_and_the_older_still_unwraps(known, keeper, renew):
    wrapped = kept_by(known, keeper).wrap(KEY, about=ABOUT)
    master = kept_by(renew(keeper), keeper)
    assert (master.is_newest(wrapped), master.unwrap(wrapped, about=ABOUT)) == (False, KEY)

    newer = master.rewrap(wrapped, about=ABOUT)

    assert (master.is_newest(newer), master.unwrap(newer, about=ABOUT)) == (True, KEY)
    with pytest.raises(Refused):
        master.rewrap(wrapped, about="somebody else's")


@pytest.mark.parametrize("before", KEEPERS)
def test_a_company_goes_from_one_keeper_to_another_and_opens_what_it_sealed(known, keeper, before, tmp_path):
    """And then needs the one before no more."""
    shelf = LocalShelf(tmp_path / "keys")
    with bound(ALPHA):
        first = Keyring(shelf, kept_by(known, before))
        sealed = LocalVault(first, list).seal(b"words", about="answer")
        ring = Keyring(shelf, kept_by(known, keeper))
        assert ring.rewrap_company_keys() == (0 if keeper == before else 1)
        unset = {"file": {}, "kms": {"kms_key_id": None}, "vault": {"vault_transit_key": None}}
        alone = {} if keeper == before else unset[before]
        if before == "file" != keeper:
            known.master_key_file.write_text("enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno=\n")
        last = Keyring(shelf, kept_by(known, keeper, **alone))
        assert LocalVault(last, list).open(sealed, about="answer") == b"words"


def test_what_a_keeper_wrapped_that_is_named_no_more_is_refused(known):
    wrapped = kept_by(known, "kms").wrap(KEY, about=ABOUT)
    with pytest.raises(Refused) as refused:
        kept_by(known, "file", kms_key_id=None).unwrap(wrapped, about=ABOUT)
    assert refused.value.code == "unknown-master"


def test_kms_is_told_whose_key_it_is_and_keys_never_come_out_to_be_wrapped_anew(known, kms):
    master = kept_by(known, "kms")
    body = master.wrap(KEY, about=ABOUT)[4 + 8 :]
    context = {"company": str(ALPHA.id), "about": ABOUT}
    assert kms.decrypt(CiphertextBlob=body, EncryptionContext=context)["Plaintext"] == KEY
    said = []
    keeper = master._marked[b"kms1"]
    keeper._client.meta.events.register("before-call.kms", lambda model, **_: said.append(model.name))
    master.rewrap(master.wrap(KEY, about=ABOUT), about=ABOUT)
    assert said == ["Encrypt", "ReEncrypt"]


def test_opened_keys_are_remembered_so_that_keepers_are_asked_seldom(known, server, tmp_path):
    with bound(ALPHA):
        vault = LocalVault(Keyring(LocalShelf(tmp_path / "keys"), kept_by(known, "vault")), list)
        seals = [vault.seal(secrets.token_bytes(8), about="answer", person=uuid.UUID(int=n)) for n in range(1, 21)]
        for sealed in seals:
            vault.open(sealed, about="answer")
    asked = [path for method, path in server.asked if method == "POST"]
    assert len(asked) <= 1 + 20  # a new person's key is never wrapped by a company's key that is only remembered
    with bound(ALPHA):
        reader = LocalVault(Keyring(LocalShelf(tmp_path / "keys"), kept_by(known, "vault")), list)
        server.asked.clear()
        for sealed in seals:
            reader.open(sealed, about="answer")
    assert server.asked == [("POST", "/v1/transit/decrypt/assay")]


@pytest.mark.parametrize("order", ["403", "404", "429", "500", "503", "slow"])
def test_vault_that_cannot_answer_is_unavailable_within_the_time_limits(known, server, order, monkeypatch):
    monkeypatch.setattr(transit, "READ_SECONDS", 0.2)
    monkeypatch.setattr(transit, "TRIES", 1)
    master = kept_by(known, "vault")
    wrapped = master.wrap(KEY, about=ABOUT)
    server.order, started = order, time.monotonic()
    for ask in (master.wrap, master.unwrap, master.rewrap):
        with pytest.raises(Unavailable):
            ask(wrapped, about=ABOUT)
    assert time.monotonic() - started < 8


def test_keepers_that_are_not_there_are_unavailable(known, monkeypatch):
    monkeypatch.setattr(kms_adapter, "TRIES", 1)
    monkeypatch.setattr(kms_adapter, "READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as gone:
        hangs, nobody = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (silent, gone))
        gone.close()
        for address in (hangs, nobody):
            with pytest.raises(Unavailable):
                kept_by(known, "kms", kms_endpoint_url=address).wrap(KEY, about=ABOUT)
        with pytest.raises(Unavailable):
            kept_by(known, "vault", vault_addr=nobody).wrap(KEY, about=ABOUT)


def test_rights_that_kms_lacks_can_be_mended_and_a_key_that_is_gone_cannot(known, address):
    master = kept_by(known, "kms")
    wrapped = master.wrap(KEY, about=ABOUT)
    rights(address, from_now=0)
    try:
        with pytest.raises(Unavailable):
            master.unwrap(wrapped, about=ABOUT)
    finally:
        rights(address, from_now=10**9)
    assert master.unwrap(wrapped, about=ABOUT) == KEY
    with pytest.raises(Refused) as refused:
        kept_by(known, "kms", kms_key_id=str(uuid.uuid4())).wrap(KEY, about=ABOUT)
    assert refused.value.code == "unknown-master"


def rights(address, *, from_now):
    """After so many calls, moto asks who somebody is; nobody is known there."""
    asked = urllib.request.Request(
        f"{address}/moto-api/reset-auth", data=str(from_now).encode(), headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(asked, timeout=5).close()


def test_a_version_that_vault_opens_no_more_is_refused(known, server):
    master = kept_by(known, "vault")
    wrapped = master.wrap(KEY, about=ABOUT)
    server.rotate()
    server.oldest = 2
    with pytest.raises(Refused) as refused:
        master.unwrap(wrapped, about=ABOUT)
    assert refused.value.code == "unknown-master"


def test_vaults_token_may_lie_in_a_file_that_changes(known, server, tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{server.token}\n")
    master = kept_by(known, "vault", vault_token=None, vault_token_file=file)
    wrapped = master.wrap(KEY, about=ABOUT)
    server.token = "hvs.fresh"
    with pytest.raises(Unavailable):
        master.unwrap(wrapped, about=ABOUT)
    file.write_text(server.token)
    assert master.unwrap(wrapped, about=ABOUT) == KEY


def test_a_keeper_that_is_named_must_be_set(settings):
    said = {name: getattr(settings, name) for name in ("database_url", "redis_url")}
    for keeper, lacking in (("kms", "KMS_KEY_ID"), ("vault", "VAULT_TRANSIT_KEY"), ("nobody", "file")):
        with pytest.raises(ValidationError, match=lacking):
            Settings(**said, master_keeper=keeper)


def test_the_doctor_asks_the_keeper(known, server):
    def asked(keeper, **more):
        return list(doctor.key_holder(known.model_copy(update={"master_keeper": keeper} | more)))

    assert asked("file") == []
    assert asked("kms") == [well("key holder", "kms wraps and unwraps.")]
    assert asked("vault") == [well("key holder", "vault wraps and unwraps.")]
    server.order = "403"
    said = asked("vault")[0]
    assert (said.ok, said.says) == (False, "vault wraps no key, so nothing can be opened: Vault: 403.")


def test_the_word_that_rotates_brings_every_company_to_the_keeper_and_back(
    known, flask_app, alpha, beta, in_tenant, renew
):
    """With a file of the operator's own, that has one line: it is left as it is."""
    sealed, before = {}, known.master_key_file.read_text()
    settings, providers = flask_app.extensions["settings"], flask_app.extensions["providers"]

    def rotated(keeper):
        flask_app.extensions["settings"] = chosen = known.model_copy(
            update={"master_keeper": keeper, "master_key_file": settings.master_key_file}
        )
        flask_app.extensions["providers"] = Providers(chosen)
        result = flask_app.test_cli_runner().invoke(args=["keys", "rotate", "master"])
        return json.loads(result.stdout)

    try:
        for tenant in (alpha, beta):
            with bound(tenant):
                sealed[tenant.slug] = providers.vault.seal(tenant.slug.encode(), about="answer")
        assert rotated("kms") == {"versions": 1, "rewrapped": 2}
        assert rotated("kms") == {"versions": 1, "rewrapped": 0}
        assert rotated("vault") == {"versions": 1, "rewrapped": 2}
        renew("vault")
        assert rotated("vault") == {"versions": 1, "rewrapped": 2}
        for tenant in (alpha, beta):
            with bound(tenant):
                said = flask_app.extensions["providers"].vault.open(sealed[tenant.slug], about="answer")
                assert said == tenant.slug.encode()
    finally:
        flask_app.extensions["settings"] = settings.model_copy(update={"master_keeper": "file"})
        flask_app.extensions["providers"] = Providers(
            known.model_copy(update={"master_keeper": "file", "master_key_file": settings.master_key_file})
        )
        from app.cli.keys import rewrap_companies

        with flask_app.app_context():
            back = rewrap_companies()
        flask_app.extensions["settings"], flask_app.extensions["providers"] = settings, providers
    assert back == 2
    assert known.master_key_file.read_text() == before
    for tenant in (alpha, beta):
        with bound(tenant):
            assert Providers(settings).vault.open(sealed[tenant.slug], about="answer") == tenant.slug.encode()
