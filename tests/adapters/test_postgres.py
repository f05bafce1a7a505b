"""How addresses of databases may be spelled, and as whom web and workers come in."""

import pytest
from pydantic import SecretStr

from app.adapters.postgres import login_urls, owner_urls


def given(settings, url, **others):
    databases = {name: SecretStr(each) for name, each in others.items()}
    return settings.model_copy(
        update={"database_url": SecretStr(url), "databases": databases, "app_database_url": None}
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_means_the_same_driver(settings, scheme):
    found = owner_urls(given(settings, f"{scheme}://me:pw@db:5432/assay", two=f"{scheme}://me:pw@other/assay"))

    assert found == {
        "main": "postgresql+psycopg://me:pw@db:5432/assay", "two": "postgresql+psycopg://me:pw@other/assay",
    }  # fmt: skip


@pytest.mark.parametrize(
    "url", ["postgresql://owner:pw@db:5432/assay?sslmode=require", "postgresql://db:5432/assay?sslmode=require"]
)
def test_web_and_workers_come_in_as_the_login_role_and_need_no_owner(settings, url):
    found = login_urls(given(settings, url))["main"]

    assert (found.username, found.password, found.host, found.port) == (
        "assay_login",
        settings.login_password(),
        "db",
        5432,
    )
    assert found.query == {"sslmode": "require"}


def test_an_address_that_is_given_is_taken(settings):
    own = given(settings, "postgresql://owner:pw@db/assay").model_copy(
        update={"app_database_url": SecretStr("postgresql://pooled:pw@pooler/assay")}
    )

    assert (
        login_urls(own)["main"].render_as_string(hide_password=False) == "postgresql+psycopg://pooled:pw@pooler/assay"
    )
