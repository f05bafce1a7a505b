"""what resumes say to the requirements of jobs, and what of them is found by meaning"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application_match",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("resume_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name="pk_application_match"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_application_match_application_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resume_id"], ["resume.id"], name="fk_application_match_resume_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_application_match_person_id", "application_match", ["person_id"])
    op.create_index("ix_application_match_resume_id", "application_match", ["resume_id"])
    op.create_table(
        "candidate_passage",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("meaning", postgresql.ARRAY(sa.REAL()), nullable=True),
        sa.PrimaryKeyConstraint("candidate_id", "number", name="pk_candidate_passage"),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name="fk_candidate_passage_candidate_id", ondelete="CASCADE"
        ),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "posting_meaning",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("meaning", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.PrimaryKeyConstraint("posting_id", name="pk_posting_meaning"),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name="fk_posting_meaning_posting_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "candidate_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("meaning", postgresql.ARRAY(sa.REAL()), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidate_search"),
        sa.UniqueConstraint("digest", name="uq_candidate_search_digest"),
        sa.CheckConstraint("state in ('waiting', 'made', 'words')", name="ck_candidate_search_state"),
    )
    op.create_index("ix_candidate_search_person_id", "candidate_search", ["person_id"])
    op.create_index("ix_candidate_search_asked_at", "candidate_search", ["asked_at"])


def downgrade() -> None:
    op.drop_table("candidate_search")
    op.drop_table("posting_meaning")
    op.drop_table("candidate_passage")
    op.drop_table("application_match")
