"""receipts of erasures"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("done_at", moment, nullable=True),
        sa.Column("forgotten_again_at", moment, nullable=True),
        sa.Column("stores", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("number", name="uq_erasure_number"),
        sa.UniqueConstraint("person", name="uq_erasure_person"),
        sa.ForeignKeyConstraint(["asked_by"], ["member.id"], name="fk_erasure_asked_by"),
    )


def downgrade() -> None:
    op.drop_table("erasure")
