"""how often a task's worker died: what kills every worker that takes it is stopped at last"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("lost", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("task", "lost")
