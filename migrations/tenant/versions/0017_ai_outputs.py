"""what engines made of what, with who was to oversee it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ai_output",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("rubric", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("input", sa.LargeBinary(), nullable=False),
        sa.Column("output", sa.LargeBinary(), nullable=False),
        sa.Column("overseer_id", sa.Uuid(), nullable=False),
        sa.Column("overseer_name", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('reading', 'analysis', 'kit', 'follow-up', 'judging')", name="ck_ai_output_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_ai_output"),
    )
    op.create_index("ix_ai_output_person_id", "ai_output", ["person_id"])
    op.create_index("ix_ai_output_subject", "ai_output", ["subject_id"])
    op.create_index("ix_ai_output_at", "ai_output", ["at"])


def downgrade() -> None:
    op.drop_table("ai_output")
