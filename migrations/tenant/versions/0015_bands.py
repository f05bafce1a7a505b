"""the lowest and the highest score of an engine that was asked several times"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessment", sa.Column("low", sa.Integer(), nullable=True))
    op.add_column("assessment", sa.Column("high", sa.Integer(), nullable=True))
    op.create_check_constraint("ck_assessment_band", "assessment", "low <= score and score <= high")


def downgrade() -> None:
    op.drop_constraint("ck_assessment_band", "assessment", type_="check")
    op.drop_column("assessment", "high")
    op.drop_column("assessment", "low")
