"""what openings and candidates need"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("candidate", sa.Column("corrected", postgresql.ARRAY(sa.Text), server_default="{}", nullable=False))
    op.add_column("candidate", sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_resume_sha256", "resume", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_resume_sha256", table_name="resume")
    op.drop_column("candidate", "consented_at")
    op.drop_column("candidate", "corrected")
