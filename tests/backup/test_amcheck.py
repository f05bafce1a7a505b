"""R-35 where PostgreSQL has amcheck: what `flask backup verify` then asks, and what it makes of the answer."""

import hashlib
import shutil
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.adapters.local.programs import Programs
from app.adapters.local.scratch import Scratch
from app.cli.backup import checking
from app.cli.backup.clusters import connected

FACTS = {"owner": "assay", "databases": {"main": "postgres"}}
DEBIANS = sorted(
    folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder.parent / "lib/amcheck.so").exists()
)


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="assay-amcheck-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.mark.skipif(not DEBIANS, reason="amcheck comes with Debian's postgresql, not with the wheel")
def test_r35_amcheck_names_an_index_that_is_bent(folder):
    """In a PostgreSQL without checksums, where reading every row passes it over."""
    programs, data = Programs.found(DEBIANS[-1]), folder / "data"
    data.mkdir(mode=0o700)
    programs.own(data)
    made = programs.run("initdb", "-D", str(data), "-U", FACTS["owner"], "--no-sync", "--encoding=UTF8", "--locale=C")
    assert made.returncode == 0, made.stderr
    scratch = Scratch(data, programs)
    with scratch.running(), connected(scratch.url(FACTS["owner"], "postgres")) as connection:
        connection.exec_driver_sql("create table person as select md5(n::text) as name from generate_series(1, 2000) n")
        connection.exec_driver_sql("create index by_name on person (name)")
        file = data / connection.scalar(sa.text("select pg_relation_filepath('by_name')"))
        before = checking._has_amcheck(scratch, FACTS), checking._amcheck(scratch, FACTS)
    blocks = bytearray(file.read_bytes())
    blocks[blocks.index(hashlib.md5(b"777", usedforsecurity=False).hexdigest().encode())] = ord("z")
    file.write_bytes(blocks)
    with scratch.running():
        named, read = checking._amcheck(scratch, FACTS), checking._read_all(scratch, FACTS)

    assert (before, read) == ((True, []), [])
    assert [problem.startswith("pg_amcheck: ") and "by_name" in problem for problem in named] == [True]


@pytest.mark.parametrize(("ends", "problems"), [(0, []), (2, ["pg_amcheck: btree index is bent"])])
def test_r35_what_pg_amcheck_says_is_a_problem_where_it_ends_with_one(folder, ends, problems):
    """A program of our own in its place, which every machine has."""
    program = folder / "pg_amcheck"
    program.write_text(f'#!/bin/sh\necho "$@" >&2; [ {ends} = 0 ] || echo btree index is bent; exit {ends}\n')
    program.chmod(0o755)
    said = checking._amcheck(Scratch(folder, Programs(folder, None)), FACTS)

    assert [each.partition("\n")[0] for each in said] == problems
    assert all("--all --install-missing --heapallindexed" in each for each in said)
