"""What machines ask, and who may."""

import pytest
from flask import Flask

from app import web
from app.web import health


def counted(token):
    flask_app = Flask("flask", static_folder=None)
    health.install(flask_app, checks={}, metrics_token=token)
    return flask_app.test_client()


@pytest.mark.parametrize(
    ("sent", "status"), [({}, 404), ({"Authorization": "Bearer no"}, 404), ({"Authorization": "Bearer to-count"}, 200)]
)
def test_metrics_are_for_who_has_the_token(sent, status):
    assert counted("to-count").get("/metrics", headers=sent).status_code == status


def test_without_a_token_nobody_has_metrics(flask_app):
    assert counted(None).get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    assert flask_app.test_client().get("/metrics").status_code == 404


def test_patterns_are_not_part_of_an_installation():
    flask_app = Flask("flask", static_folder=None)
    flask_app.secret_key = "only for tests"
    web.install(flask_app)

    assert [rule.rule for rule in flask_app.url_map.iter_rules() if rule.rule.startswith("/-/patterns")] == []
