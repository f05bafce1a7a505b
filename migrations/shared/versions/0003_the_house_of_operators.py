"""the house of operators"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenant", sa.Column("kind", sa.Text(), server_default="company", nullable=False), schema="shared")
    op.create_check_constraint(op.f("ck_tenant_kind"), "tenant", "kind in ('company', 'operators')", schema="shared")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_tenant_kind"), "tenant", schema="shared")
    op.drop_column("tenant", "kind", schema="shared")
