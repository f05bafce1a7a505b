"""who applied last, without sorting everybody"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_application_applied", "application", ["applied_at"])


def downgrade() -> None:
    op.drop_index("ix_application_applied", "application")
