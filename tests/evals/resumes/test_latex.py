"""Resumes as TeX sets them: the kept files are those of the templates, and how well they are read."""

import pytest

from app.adapters.local.reading import LocalReader
from tests.evals.resumes import latex
from tests.evals.resumes.measure import macro, measured
from tests.evals.resumes.people import people
from tests.sizes import FULL

FLOOR = 0.97
HELD_FLOOR = 0.87
MOST_BYTES = 62_000


def test_each_kept_file_is_of_the_text_that_the_templates_give():
    wanted = {
        f"{whose}/{key}.{layout[4:]}.pdf": latex.digest(latex.source(part, key, layout))
        for part, whose in latex.PEOPLE.items()
        for key, layout in latex.pairs(part)
    }
    assert latex.made() == wanted
    kept = {f"{file.parent.name}/{file.name}": file.stat().st_size for file in latex.HERE.glob("*/*.pdf")}
    assert set(kept) == set(wanted)
    assert max(kept.values()) <= MOST_BYTES


def test_what_is_held_out_shares_no_person_and_no_layout():
    assert set(latex.HELD) <= set(people("held"))
    assert len(set(latex.HELD)) == len(latex.HELD)
    assert set(latex.LAYOUTS["latex"]) & set(latex.LAYOUTS["latex-dev"]) == set()
    assert {part: {layout for _, layout in latex.pairs(part)} for part in latex.PEOPLE} == {
        part: set(layouts) for part, layouts in latex.LAYOUTS.items()
    }


@pytest.mark.eval
def test_resumes_set_by_tex_are_read_as_well_as_before():
    assert macro(measured("latex-dev", every=1 if FULL else 7)["all"]) >= FLOOR


@pytest.mark.eval
@pytest.mark.skipif(not FULL, reason="all held-out files, at full size only")
def test_held_out_resumes_set_by_tex_are_read_as_well_as_measured():
    assert macro(measured("latex")["all"]) >= HELD_FLOOR


@pytest.mark.eval
@pytest.mark.skipif(not FULL, reason="all files, at full size only")
def test_no_resume_set_by_tex_is_said_to_hide_text():
    reader = LocalReader()
    files = [latex.file_of(part, key, layout) for part in latex.PEOPLE for key, layout in latex.pairs(part)]
    assert [name for data, name in files if reader.document(data, name=name).flags] == []
