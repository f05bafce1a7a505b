"""what lists search by, in a table that no log and no backup of the database has; the truth of it is sealed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FIELDS = ["name", "email", "phone", "place", "headline", "links"]
INDEXES = [("email", "(lower(email))"), ("words", "using gin (words)"), ("name", "(lower(name), id)")]


def upgrade() -> None:
    op.create_table(
        "candidate_clear",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column("links", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("found_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', found_by)", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_candidate_clear"),
        sa.ForeignKeyConstraint(["id"], ["candidate.id"], name="fk_candidate_clear_id", ondelete="CASCADE"),
        prefixes=["UNLOGGED"],
    )
    fields = ", ".join(FIELDS)
    op.execute(f"insert into candidate_clear (id, {fields}, found_by) select id, {fields}, found_by from candidate")
    op.add_column("candidate", sa.Column("contact", sa.LargeBinary(), server_default="", nullable=False))
    pairs = ", ".join(f"'{field}', {field}" for field in FIELDS)
    op.execute(
        f"update candidate set contact = '\\x00'::bytea || convert_to(jsonb_build_object({pairs})::text, 'UTF8')"
    )
    for column in ["words", "found_by", *FIELDS]:  # with them, their indexes
        op.drop_column("candidate", column)
    for name, how in INDEXES:
        op.execute(f"create index ix_candidate_clear_{name} on candidate_clear {how}")


def downgrade() -> None:
    for column, kind in [
        ("name", sa.Text()), ("email", sa.Text()), ("phone", sa.Text()), ("place", sa.Text()), ("headline", sa.Text()),
        ("links", postgresql.ARRAY(sa.Text())), ("found_by", sa.Text()),
    ]:  # fmt: skip
        op.add_column("candidate", sa.Column(column, kind, nullable=True))
    sets = ", ".join(f"{field} = clear.{field}" for field in [*FIELDS, "found_by"])
    op.execute(f"update candidate set {sets} from candidate_clear clear where clear.id = candidate.id")
    op.execute(
        "update candidate set name = coalesce(name, ''), links = coalesce(links, '{}'), found_by = coalesce(found_by, '')"
    )
    op.alter_column("candidate", "name", nullable=False)
    op.alter_column("candidate", "links", nullable=False, server_default="{}")
    op.alter_column("candidate", "found_by", nullable=False, server_default="")
    op.add_column(
        "candidate",
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', found_by)", persisted=True),
            nullable=False,
        ),
    )
    for name, how in INDEXES:
        op.execute(f"create index ix_candidate_{name} on candidate {how}")
    op.drop_column("candidate", "contact")
    op.drop_table("candidate_clear")
