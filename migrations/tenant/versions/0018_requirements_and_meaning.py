"""what resumes say to the requirements of jobs"""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    op.drop_table("application_match")
