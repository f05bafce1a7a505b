"""what scorecards need: a level counts its quotes, a note may stand before the rating is chosen"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessment", sa.Column("quotes", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "update assessment set quotes = (select count(*) from evidence where evidence.assessment_id = assessment.id)"
    )
    op.create_check_constraint(op.f("ck_assessment_quotes"), "assessment", "level is null or quotes > 0")
    op.add_column("rating", sa.Column("rated", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_check_constraint(op.f("ck_rating_rated"), "rating", "rated or level is null")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_rating_rated"), "rating")
    op.drop_column("rating", "rated")
    op.drop_constraint(op.f("ck_assessment_quotes"), "assessment")
    op.drop_column("assessment", "quotes")
