"""regions"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenant", sa.Column("region", sa.Text(), nullable=True), schema="shared")


def downgrade() -> None:
    op.drop_column("tenant", "region", schema="shared")
