"""whose each row is, and words as seals: what stands in the clear is marked as such, and sealed by `flask keys seal`

A migration has no keys. So the words of an older installation become bytes after a zero, which reads as they did; the
word that migrates all companies seals them afterwards, in batches, and may be killed and called again.
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = {
    "application": ["reason"],
    "move": ["reason", "by_name"],
    "note": ["text"],
    "decision": ["reason"],
    "resume": ["file_name", "text"],
    "turn": ["text", "draft", "answer"],
    "help_request": ["text"],
    "assessment": ["reason"],
    "evidence": ["text"],
    "scorecard": ["note"],
    "rating": ["note"],
    "pin": ["text"],
    "mail": ["to_name", "to_address", "subject", "problem"],
}
JSON = {"resume": ["document", "flags"], "resume_page": ["words"], "assessment": ["flags"]}
EMPTY = [("turn", "draft"), ("scorecard", "note"), ("rating", "note"), ("resume", "flags"), ("assessment", "flags")]
# In this order: a row's person is known when those that point at it are asked.
WHOSE = {
    "resume_page": "select candidate_id from resume up where up.id = {t}.resume_id",
    "note": "select candidate_id from application up where up.id = {t}.application_id",
    "move": "select candidate_id from application up where up.id = {t}.application_id",
    "decision": "select candidate_id from application up where up.id = {t}.application_id",
    "interview": "select candidate_id from application up where up.id = {t}.application_id",
    "turn": "select person_id from interview up where up.id = {t}.interview_id",
    "help_request": "select person_id from interview up where up.id = {t}.interview_id",
    "assessment": "select person_id from interview up where up.id = {t}.interview_id",
    "scorecard": "select person_id from interview up where up.id = {t}.interview_id",
    "report": "select person_id from interview up where up.id = {t}.interview_id",
    "evidence": "select person_id from assessment up where up.id = {t}.assessment_id",
    "rating": "select person_id from scorecard up where up.id = {t}.scorecard_id",
    "pin": "select person_id from rating up where up.id = {t}.rating_id",
    "mail": "select candidate_id from application up where up.id = {t}.about_id",
}


def upgrade() -> None:
    for table, whose in WHOSE.items():
        op.add_column(table, sa.Column("person_id", sa.Uuid(), nullable=True))
        op.execute(f"update {table} set person_id = ({whose.format(t=table)})")
        if table != "mail":
            op.alter_column(table, "person_id", nullable=False)
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])
    for table, column in EMPTY:
        op.alter_column(table, column, server_default=None)
    for table in TEXT.keys() | JSON.keys():
        texts = [_bytes(column, column) for column in TEXT.get(table, [])]
        objects = [
            _bytes(column, f"{column}::text", f"{column} = 'null'", "('[]', '{}')") for column in JSON.get(table, [])
        ]
        op.execute(f"alter table {table} {', '.join(texts + objects)}")
    for table, column in EMPTY:
        op.alter_column(table, column, server_default="")
    _nameless_candidates()


def _bytes(column: str, text: str, nothing: str = "false", empty: str = "('')") -> str:
    """Nothing and empty stay what they are; the rest is marked as clear."""
    return (
        f"alter column {column} type bytea using case when {text} is null or {nothing} then null"
        f" when {text} in {empty} then ''::bytea else '\\x00'::bytea || convert_to({text}, 'UTF8') end"
    )


def _nameless_candidates() -> None:
    """The log names candidates by their id alone; what was written before is linked anew, and says so.

    A chain that does not hold stays as it is: it is evidence.
    """
    connection = op.get_bind()
    rows = connection.execute(sa.text("select * from audit_entry order by number")).mappings().all()
    if not any(row["actor_kind"] == "candidate" and row["actor_name"] for row in rows):
        return
    previous, renewed = bytes(32), bytes(32)
    for row in rows:
        if _digest(row, previous) != bytes(row["digest"]):
            return
        previous = bytes(row["digest"])
    for row in rows:
        entry = dict(row) | ({"actor_name": ""} if row["actor_kind"] == "candidate" else {})
        renewed = _digest(entry, renewed)
        change = sa.text("update audit_entry set actor_name = :name, digest = :digest where number = :number")
        connection.execute(change, {"name": entry["actor_name"], "digest": renewed, "number": row["number"]})
    last = {
        "number": rows[-1]["number"] + 1, "at": connection.scalar(sa.text("select now()")), "actor_kind": "system",
        "actor_id": None, "actor_name": "Assay", "action": "audit.names_removed", "target_kind": "audit_entry",
        "target_id": str(rows[-1]["number"]), "data": {"digest_before": previous.hex()},
    }  # fmt: skip
    insert = sa.text(
        "insert into audit_entry (number, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, data, digest)"
        " values (:number, :at, :actor_kind, :actor_id, :actor_name, :action, :target_kind, :target_id, cast(:data as jsonb), :digest)"
    )
    connection.execute(insert, last | {"data": json.dumps(last["data"]), "digest": _digest(last, renewed)})


def _digest(row, previous: bytes) -> bytes:
    fields = [
        row["number"], row["at"].astimezone(UTC).isoformat(), row["actor_kind"], str(row["actor_id"]),
        row["actor_name"], row["action"], row["target_kind"], row["target_id"], row["data"],
    ]  # fmt: skip
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def downgrade() -> None:
    """Only words that were never sealed can be read without keys."""
    connection = op.get_bind()
    for table in TEXT.keys() | JSON.keys():
        for column in TEXT.get(table, []) + JSON.get(table, []):
            sealed = f"select 1 from {table} where length({column}) > 0 and get_byte({column}, 0) <> 0 limit 1"
            if connection.scalar(sa.text(sealed)):
                raise RuntimeError(f"{table}.{column} holds seals: there is no way back from them without the keys")
    for table, column in EMPTY:
        op.alter_column(table, column, server_default=None)
    for table in TEXT.keys() | JSON.keys():
        back = [
            f"alter column {c} type text using convert_from(substring({c} from 2), 'UTF8')" for c in TEXT.get(table, [])
        ]
        for column in JSON.get(table, []):
            plain = f"convert_from(substring({column} from 2), 'UTF8')"
            back.append(
                f"alter column {column} type jsonb using case when {column} = '' then '[]' else {plain}::jsonb end"
            )
        op.execute(f"alter table {table} {', '.join(back)}")
    for table, column in EMPTY:
        op.alter_column(table, column, server_default="[]" if column == "flags" else "")
    for table in WHOSE:
        op.drop_column(table, "person_id")
