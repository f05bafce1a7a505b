"""The same words at the end of whatever people wrote, in every column of every row, in clear ones and in sealed ones."""

import re

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from tenants.db import db
from tenants.sealed import Sealed, belonging, person_column, sealed_columns
from tenants.tables import TenantModel

# What code writes and reads, never a person.
CODES = {
    "zone", "locale", "accent", "language", "jurisdiction", "kind", "state", "role", "level", "verdict", "source", "engine",
    "problem", "remote", "seniority", "currency", "name_of_task", "next_thing", "actor_kind", "target_kind", "target_id", "action", "email",
}  # fmt: skip
# Words in JSON that may be one alone; others have a space between them, or are ids, dates and codes.
SHORT = {"q", "name", "text", "label", "title", "word", "position", "company", "city", "summary", "value"}


def write_clear(owner, words, schema="t_alpha"):
    """In each text and each word in JSON of each row, as far as the table's own rules let them; gives the columns."""
    marked = set()
    for table in TenantModel.metadata.sorted_tables:
        keys = {column.name for column in table.primary_key} | {key.parent.name for key in table.foreign_keys}
        for column in table.columns:
            if column.name in keys | CODES or column.name.endswith(("key", "hash")) or column.computed is not None:
                continue
            if isinstance(column.type, JSONB):
                change = _in_json(column.name)
            elif isinstance(column.type, sa.ARRAY):
                change = f"array(select one || %(words)s from unnest({column.name}) one)"
            elif isinstance(column.type, sa.Text | sa.String):
                change = f"{column.name} || %(words)s"
            else:
                continue
            try:
                with owner.begin_nested():
                    done = owner.exec_driver_sql(
                        f"update {schema}.{table.name} set {column.name} = {change}",
                        {"words": words.replace("COLUMN", f"{table.name}.{column.name}")},
                    )
            except sa.exc.DBAPIError:
                continue
            if done.rowcount:
                marked.add(f"{table.name}.{column.name}")
    return marked


def _in_json(name):
    """Strings that read like words, not like ids, dates or codes."""
    pattern = r'"([^"\\]*[A-Za-z]{2}[^"\\]* [^"\\]*)"(?!\s*:)'
    return f"regexp_replace({name}::text, '{pattern}', '\"\\1' || %(words)s || '\"', 'g')::jsonb".replace(
        "%(words)s", "%(json)s"
    )


def write_sealed(words):
    """The same in what is sealed, where there is no text yet as well; in the company that we are in."""
    marked = set()
    for table in TenantModel.metadata.sorted_tables:
        for column in sealed_columns(table):
            keys, person = list(table.primary_key), person_column(table)
            for row in db.session.execute(sa.select(*keys, person.label("whose"), column.label("said"))).all():
                text, mark = isinstance(column.type, Sealed), words.replace("COLUMN", f"{table.name}.{column.name}")
                said = f"{row.said or ''}{mark}" if text else with_words(row.said, mark)
                if said == row.said:
                    continue
                this = [key == row._mapping[key] for key in keys]
                try:
                    with db.session.begin_nested():
                        db.session.execute(sa.update(table).where(*this).values({column: belonging(said, row.whose)}))
                except sa.exc.DBAPIError:
                    continue
                marked.add(f"{table.name}.{column.name}")
    return marked


def with_words(value, words, key=""):
    if isinstance(value, dict):
        return {name: with_words(one, words, name) for name, one in value.items()}
    if isinstance(value, list):
        if value and isinstance(value[0], str) and not all(isinstance(one, str) for one in value):  # a word on a page
            return [value[0] + words, *value[1:]]
        return [with_words(one, words, key) for one in value]
    wordy = isinstance(value, str) and key not in CODES and (key in SHORT or re.search(r"[A-Za-z]{2}.* |\s", value))
    return value + words if wordy else value
