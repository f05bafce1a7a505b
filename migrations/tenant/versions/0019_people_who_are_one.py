"""two entries that are one person: whose a row is and on whose page it stands are two things from now on"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LEADS = sa.text("joined_in is null")
APPLICATION_INDEXES = [
    ("ix_application_board", ["posting_id", "state", "stage_id", "stage_since", "id"]),
    ("ix_application_list", ["posting_id", "stage_since", "id"]),
]


def upgrade() -> None:
    for table in ("resume", "application"):
        op.add_column(table, sa.Column("person_id", sa.Uuid(), nullable=True))
        op.execute(f"update {table} set person_id = candidate_id")
        op.alter_column(table, "person_id", nullable=False)
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])
    op.add_column("application", sa.Column("joined_in", sa.Uuid(), nullable=True))
    op.drop_constraint("uq_application_posting_id_candidate_id", "application", type_="unique")
    op.create_index(
        "uq_application_posting_id_candidate_id", "application", ["posting_id", "candidate_id"], unique=True,
        postgresql_where=LEADS,
    )  # fmt: skip
    for name, columns in APPLICATION_INDEXES:
        op.drop_index(name, "application")
        op.create_index(name, "application", columns, postgresql_where=LEADS)
    op.add_column(
        "candidate_clear", sa.Column("marks", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.create_index("ix_candidate_clear_marks", "candidate_clear", ["marks"], postgresql_using="gin")
    op.create_table(
        "candidate_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidate_merge"),
        sa.UniqueConstraint("absorbed_id", name="uq_candidate_merge_absorbed_id"),
        sa.CheckConstraint("survivor_id <> absorbed_id", name="ck_candidate_merge_two"),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["candidate.id"], name="fk_candidate_merge_survivor_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["absorbed_id"], ["candidate.id"], name="fk_candidate_merge_absorbed_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name="fk_candidate_merge_by_id"),
    )
    op.create_index("ix_candidate_merge_survivor_id", "candidate_merge", ["survivor_id"])
    op.create_table(
        "candidate_likeness",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("first_id", "second_id", name="pk_candidate_likeness"),
        sa.CheckConstraint("state in ('proposed', 'apart')", name="ck_candidate_likeness_state"),
        sa.CheckConstraint("first_id < second_id", name="ck_candidate_likeness_order"),
        sa.ForeignKeyConstraint(
            ["first_id"], ["candidate.id"], name="fk_candidate_likeness_first_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["candidate.id"], name="fk_candidate_likeness_second_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["said_by"], ["member.id"], name="fk_candidate_likeness_said_by"),
    )
    op.create_index("ix_candidate_likeness_second_id", "candidate_likeness", ["second_id"])


def downgrade() -> None:
    """Refused by the unique constraint while two applications for one job stand with one person: undo merges first."""
    op.drop_table("candidate_likeness")
    op.drop_table("candidate_merge")
    op.drop_index("ix_candidate_clear_marks", "candidate_clear")
    op.drop_column("candidate_clear", "marks")
    for name, columns in APPLICATION_INDEXES:
        op.drop_index(name, "application")
        op.create_index(name, "application", columns)
    op.drop_index("uq_application_posting_id_candidate_id", "application")
    op.create_unique_constraint("uq_application_posting_id_candidate_id", "application", ["posting_id", "candidate_id"])
    op.drop_column("application", "joined_in")
    for table in ("resume", "application"):
        op.drop_index(f"ix_{table}_person_id", table)
        op.drop_column(table, "person_id")
