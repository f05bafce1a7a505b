"""Dashboards that Grafana can read, over metrics that exist."""

import json
import re

import pytest
import yaml

from app.kernel.events import Event
from jobs import metrics
from jobs import tasks as _tasks
from tests.operations import told
from tests.operations.test_alerts import needs_promtool, promtool

FILES = sorted((told.ROOT / "deploy/grafana").glob("*.json"))
assert _tasks  # importing it defines every fact


def panels(file):
    return json.loads(file.read_text())["panels"]


def expressions(file):
    return [target["expr"] for panel in panels(file) for target in panel["targets"]]


def test_there_is_one_for_each_audience():
    assert [file.name for file in FILES] == ["business.json", "operations.json"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_metric_of_a_dashboard_is_documented(file):
    for expression in expressions(file):
        found = told.used_in(expression)
        assert found, expression
        assert found - told.documented() == set(), expression


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_dashboard_has_what_grafana_asks_for(file):
    whole = json.loads(file.read_text())
    places = [tuple(panel["gridPos"][each] for each in "xyw") for panel in whole["panels"]]

    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= set(whole)
    assert whole["templating"]["list"][0]["name"] == "datasource"
    assert [panel["id"] for panel in whole["panels"]] == list(range(1, len(whole["panels"]) + 1))
    assert len({place[:2] for place in places}) == len(places)
    assert [place for place in places if place[0] + place[2] > 24] == []
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in whole["panels"])


def test_every_fact_of_a_dashboard_is_one_that_is_recorded():
    named = {fact for file in FILES for e in expressions(file) for fact in re.findall(r'fact="([^"]+)"', e)}

    assert named
    assert named - metrics._facts(Event) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_brackets_of_every_expression_close(file):
    for expression in expressions(file):
        bare = re.sub(r'"[^"]*"', "", expression)
        assert [bare.count(a) for a in "([{"] == [bare.count(b) for b in ")]}"], expression


@needs_promtool
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_promtool_can_read_every_expression(file, tmp_path):
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions(file))]
    (tmp_path / "panels.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    assert promtool("check", "rules", "--lint=none", "panels.yaml", folder=tmp_path).returncode == 0


def test_every_metric_is_on_a_dashboard_or_in_an_alert():
    """What nobody looks at is not worth counting."""
    shown = {name for file in FILES for expression in expressions(file) for name in told.used_in(expression)}
    alerted = {name for rule in told.alerts().values() for name in told.used_in(rule["expr"])}

    assert told.existing() - shown - alerted == set()
