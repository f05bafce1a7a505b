"""questions for one person; matches and such questions in the log of what engines made"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = "kind in ('reading', 'analysis', 'kit', 'follow-up', 'judging')"
NOW = "kind in ('reading', 'analysis', 'kit', 'follow-up', 'judging', 'match', 'questions')"


def upgrade() -> None:
    op.drop_constraint("ck_ai_output_kind", "ai_output", type_="check")
    # the rows are looked at afterwards, while others work: tenants/migrate.py
    op.create_check_constraint("ck_ai_output_kind", "ai_output", NOW, postgresql_not_valid=True)
    op.create_table(
        "personal_questions",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("questions", sa.LargeBinary(), server_default="", nullable=False),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("resume_id", sa.Uuid(), nullable=True),
        sa.Column("asking_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name="pk_personal_questions"),
        sa.CheckConstraint("state in ('waiting', 'made', 'failed')", name="ck_personal_questions_state"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_personal_questions_application_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resume_id"], ["resume.id"], name="fk_personal_questions_resume_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["member.id"], name="fk_personal_questions_asked_by"),
    )
    op.create_index("ix_personal_questions_person_id", "personal_questions", ["person_id"])
    op.create_index("ix_personal_questions_resume_id", "personal_questions", ["resume_id"])


def downgrade() -> None:
    op.drop_table("personal_questions")
    op.execute("delete from ai_output where kind in ('match', 'questions')")
    op.drop_constraint("ck_ai_output_kind", "ai_output", type_="check")
    op.create_check_constraint("ck_ai_output_kind", "ai_output", BEFORE)
