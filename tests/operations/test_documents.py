"""Figures in docs/scaling.md were printed by a benchmark, and the documents name what is there."""

import re

import pytest

from tests.operations import told
from tests.operations.told import ROOT

SCALING = (ROOT / "docs/scaling.md").read_text()
BENCHMARKS = (ROOT / "docs/benchmarks.md").read_text()


def measured():
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]* \| [^|]+ \|$", SCALING, re.MULTILINE)
    return [cell for cell in rows[1:] if not cell.startswith("not ")]


def test_every_figure_of_scaling_stands_in_the_benchmarks():
    figures = {figure for cell in measured() for figure in re.findall(r"\d[\d,.]*\d|\d", cell)}

    assert len(figures) > 8
    assert {
        figure for figure in figures if not re.search(rf"(?<![\d,.]){re.escape(figure)}(?![\d,]|\.\d)", BENCHMARKS)
    } == set()


@pytest.mark.parametrize("name", ["operations", "runbooks", "deployment", "scaling"])
def test_every_metric_that_a_document_names_is_there(name):
    named = set(re.findall(r"`(assay_[a-z_]+)", (ROOT / f"docs/{name}.md").read_text()))

    assert named - told.existing() == set()


@pytest.mark.parametrize("name", ["operations", "runbooks", "deployment", "scaling"])
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / f"docs/{name}.md").read_text())

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_the_pool_is_as_large_as_the_documents_say(flask_app):
    pool = flask_app.config["SQLALCHEMY_ENGINE_OPTIONS"]

    assert f"a process opens {pool['pool_size'] + pool['max_overflow']} at most" in SCALING


def test_the_readme_leads_there():
    readme = (ROOT / "README.md").read_text()

    assert [
        name for name in ("operations", "deployment", "scaling", "runbooks") if f"docs/{name}.md" not in readme
    ] == []
