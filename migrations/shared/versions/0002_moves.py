"""moves from one database to another"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATES = "state in ('active', 'suspended', 'deleting'{})"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_tenant_state"), "tenant", schema="shared")
    op.create_check_constraint(op.f("ck_tenant_state"), "tenant", STATES.format(", 'moving'"), schema="shared")
    op.create_table(
        "move",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["shared.tenant.id"], name=op.f("fk_move_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_move")),
        schema="shared",
    )


def downgrade() -> None:
    op.drop_table("move", schema="shared")
    op.drop_constraint(op.f("ck_tenant_state"), "tenant", schema="shared")
    op.create_check_constraint(op.f("ck_tenant_state"), "tenant", STATES.format(""), schema="shared")
