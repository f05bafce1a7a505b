"""Every alert has a case that fires it, a paragraph that says what to do, and metrics that exist.

With promtool (Debian's package prometheus) on the machine the rules themselves are run; without it their structure is
looked at, and the tests that need it say that they were skipped.
"""

import re
import shutil
import subprocess
from functools import cache

import pytest
import yaml

from tests.operations import told

FOLDER = told.ROOT / "deploy/prometheus"
ALERTS = sorted(told.alerts())
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="there is no promtool: only the structure was checked"
)


def promtool(*words, folder=FOLDER):
    return subprocess.run(
        ["promtool", *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


@cache
def cases():
    return yaml.safe_load((FOLDER / "alerts_test.yaml").read_text())["tests"]


@cache
def rules():
    (group,) = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_every_alert_is_one_we_said_we_would_have():
    assert {
        "WebDown", "ErrorRatioHigh", "PagesSlow", "QueueOld", "OutboxLagging", "TasksFailing", "SchedulerSilent",
        "StreamsNearLimit", "PoolExhausted", "DiskAlmostFull", "LlmFailing", "LlmCostly", "LettersFailing", "ArchiveStalled",
    } <= set(ALERTS)  # fmt: skip


@pytest.mark.parametrize("name", ALERTS)
def test_alert_says_what_is_wrong_and_where_the_runbook_is(name):
    rule = told.alerts()[name]

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["runbook"] == f"docs/runbooks.md#{name.lower()}"


def test_every_alert_has_its_paragraph_and_every_paragraph_its_alert():
    assert sorted(re.findall(r"^## (\w+)$\n\w", (told.ROOT / "docs/runbooks.md").read_text(), re.MULTILINE)) == ALERTS


@pytest.mark.parametrize("name", ALERTS)
def test_every_metric_of_an_alert_is_documented(name):
    found = told.used_in(told.alerts()[name]["expr"])

    assert found
    assert found - told.documented() == set()


def test_the_metrics_of_an_expression_are_found():
    expression = (
        'sum by (le) (rate(assay_page_seconds_bucket{status=~"up|5.."}[5m])) / on (job) max(up) > 1 and foo_total'
    )

    assert told.used_in(expression) == {"assay_page_seconds", "up", "foo_total"}


@pytest.mark.parametrize("name", ALERTS)
def test_alert_has_a_case_in_which_it_fires(name):
    looks = [look for case in cases() for look in case["promql_expr_test"] if f'alertname="{name}"' in look["expr"]]

    assert [look for look in looks if look["exp_samples"] == [{"labels": "{}", "value": 1}]]


def test_scraped_jobs_are_those_that_alerts_ask_for():
    jobs = {each["job_name"] for each in yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]}
    asked = set(re.findall(r'job="([\w-]+)"', (FOLDER / "alerts.yaml").read_text()))

    assert asked <= jobs


@needs_promtool
def test_promtool_finds_rules_and_configuration_sound():
    assert promtool("check", "rules", "alerts.yaml").returncode == 0
    assert promtool("check", "config", "--syntax-only", "prometheus.yaml").returncode == 0


def alone(folder, name, instead=None):
    """The alert's rule, or another expression in its place, and its cases, in files of their own: a third of the time."""
    rule = rules()[name] | ({"expr": instead} if instead else {})
    mine = [case for case in cases() if case["name"].startswith(f"{name}:")]
    number = len(list(folder.iterdir()))
    (folder / f"{number}.rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "assay", "rules": [rule]}]}))
    tests = {"rule_files": [f"{number}.rules.yaml"], "evaluation_interval": "15s", "tests": mine}
    (folder / f"{number}.yaml").write_text(yaml.safe_dump(tests))
    return f"{number}.yaml"


def outcomes(folder, files):
    """What promtool says of each file, in one run."""
    done = promtool("test", "rules", *files, folder=folder)
    return dict(re.findall(r"^Unit Testing:\s+(\S+)\s+(SUCCESS|FAILED)", done.stdout, re.MULTILINE)), done


def test_every_case_looks_at_the_alert_that_it_is_named_after():
    for case in cases():
        looked = {re.search(r'alertname="(\w+)"', look["expr"])[1] for look in case["promql_expr_test"]}
        assert looked == {case["name"].partition(":")[0]}


@needs_promtool
def test_promtool_runs_the_cases(tmp_path):
    files = [alone(tmp_path, name) for name in ALERTS]
    found, done = outcomes(tmp_path, files)

    assert found == dict.fromkeys(files, "SUCCESS"), done.stdout
    assert done.returncode == 0


@needs_promtool
@pytest.mark.parametrize("instead", ["vector(1) > 2", "vector(1)"])
def test_the_cases_notice_an_alert_that_never_or_always_fires(tmp_path, instead):
    files = {alone(tmp_path, name, instead): name for name in ALERTS}

    assert outcomes(tmp_path, files)[0] == dict.fromkeys(files, "FAILED")
