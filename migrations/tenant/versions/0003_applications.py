"""what applications need: columns and lists read off the end of an index, in the order of their keyset"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_application_board", table_name="application")
    op.create_index("ix_application_board", "application", ["posting_id", "state", "stage_id", "stage_since", "id"])
    op.create_index("ix_application_list", "application", ["posting_id", "stage_since", "id"])
    op.create_index("ix_application_next", "application", ["next_thing"], postgresql_where=sa.text("next_thing <> ''"))


def downgrade() -> None:
    op.drop_index("ix_application_next", table_name="application")
    op.drop_index("ix_application_list", table_name="application")
    op.drop_index("ix_application_board", table_name="application")
    op.create_index(
        "ix_application_board",
        "application",
        ["posting_id", "state", "stage_id", sa.literal_column("stage_since desc"), "id"],
    )
