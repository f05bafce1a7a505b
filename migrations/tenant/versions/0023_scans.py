"""whether somebody looked for viruses in an original"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resume", sa.Column("scan", sa.Text(), server_default="none", nullable=False))
    op.add_column("resume", sa.Column("scan_found", sa.Text(), nullable=True))
    states = "scan in ('none', 'asked', 'clean', 'infected', 'failed')"
    # the rows are looked at afterwards, while others work: tenants/migrate.py
    op.create_check_constraint(op.f("ck_resume_scan"), "resume", states, postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_resume_scan"), "resume")
    op.drop_column("resume", "scan_found")
    op.drop_column("resume", "scan")
