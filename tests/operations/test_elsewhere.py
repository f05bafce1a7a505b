"""Files, keys and the master key all lie elsewhere: the product does as it does on one disk, which stays empty."""

import io

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app import create_app
from app.candidates.models import Candidate, Resume
from app.identity.commands import actor_of
from app.postings import commands as postings
from app.privacy.commands import erase
from jobs import runtime
from tenants.db import db
from tenants.scope import tenant_scope
from tenants.work import unit_of_work
from tests.app.candidates.test_apply import post, typed
from tests.conftest import PASSWORD, HostClient
from tests.fakes.aws import aws, client, new_bucket, signed_in
from tests.operations.test_tracing import drain

pytestmark = pytest.mark.xdist_group("aws")
RESUME = b"Cara Canary\nWelder in Pune\n\nExperience\nFitter, Foo GmbH, 2019 - 2024\n"


@pytest.fixture
def elsewhere(settings, flask_app, tmp_path):
    """The same companies, by an application that keeps nothing here."""
    with aws() as address:
        said = signed_in(address) | {
            "data_dir": tmp_path / "data", "s3_bucket": new_bucket(address), "s3_keys_bucket": new_bucket(address),
            "master_keeper": "kms", "kms_endpoint_url": address,
            "kms_key_id": client("kms", address).create_key()["KeyMetadata"]["KeyId"], "kms_region": "eu-central-1",
            "kms_access_key_id": "otto", "kms_secret_access_key": SecretStr("secret"),
        }  # fmt: skip
        (tmp_path / "data").mkdir()
        (tmp_path / "data/models").symlink_to(settings.models_dir)
        app = create_app(settings.model_copy(update=said))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        app.test_client_class = HostClient
        runtime.serve(app)
        yield app
        runtime.serve(flask_app)
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def bytes_in(app, name):
    """Everything that lies in the bucket, by name."""
    providers = app.extensions["providers"]
    s3 = (providers.bucket_storage if name == "files" else providers.bucket_shelf)._bucket
    return {entry.name: s3.get(entry.name) for entry in s3.entries()}


def test_a_resume_comes_is_shown_and_is_erased_with_its_key(elsewhere, cast, alpha, tmp_path):
    app = elsewhere
    with app.app_context(), tenant_scope(alpha), unit_of_work():
        job = postings.write_posting(text="Welder in Pune", by=cast.rita, actor=actor_of(cast.rita))
        postings.publish(job, by=actor_of(cast.rita))
        path = f"/careers/{job.id}/apply"
    data = typed(name="Cara Canary", email="cara@people.example", resume=(io.BytesIO(RESUME), "cv.txt"))
    assert post(app.test_client(), path, data).status_code == 303

    with app.app_context(), tenant_scope(alpha), unit_of_work():
        resume = db.session.scalars(sa.select(Resume)).one()
        person, kept = resume.candidate_id, resume.storage_key
    rita = app.test_client()
    assert rita.post("/sign-in", data={"email": "rita@alpha.example", "password": PASSWORD}).status_code == 303
    files = bytes_in(app, "files")
    assert rita.get(f"/resumes/{resume.id}/original").data == RESUME
    assert f"alpha/{kept}" in files
    assert [name for name, content in files.items() if b"Cara" in content or b"Welder" in content] == []
    assert any(str(person) in name for name in bytes_in(app, "keys"))
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["models"]

    with app.app_context(), tenant_scope(alpha), unit_of_work():
        erase(db.session.get_one(Candidate, person), by=actor_of(cast.ada))
    drain(app, alpha)

    assert [name for name in bytes_in(app, "files") if kept in name or str(person) in name] == []
    left = {name: content for name, content in bytes_in(app, "keys").items() if str(person) in name}
    assert sorted(name.rpartition("/")[2] for name in left) == [str(person), f"{person}.erased"]
    assert all(b"erased_at" in content for content in left.values())
