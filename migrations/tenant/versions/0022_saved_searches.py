"""what members look for again and again"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_search"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_saved_search_member_id", ondelete="CASCADE"),
    )
    op.create_index("ix_saved_search_person_id", "saved_search", ["person_id"])
    op.create_index("ix_saved_search_member_id", "saved_search", ["member_id"])


def downgrade() -> None:
    op.drop_table("saved_search")
