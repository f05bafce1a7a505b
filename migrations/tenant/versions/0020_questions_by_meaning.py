"""what each question of a kit means, and which of the bank are near it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_meaning",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("meaning", postgresql.ARRAY(sa.REAL()), nullable=True),
        sa.Column("bank", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_question_meaning"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name="fk_question_meaning_question_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("question_meaning")
