"""an infected original may be deleted: the row says by whom and when, and names no file"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("resume", "storage_key", existing_type=sa.Text(), nullable=True)
    op.add_column("resume", sa.Column("file_deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("resume", sa.Column("file_deleted_by", sa.Uuid(), nullable=True))
    # the rows are looked at afterwards, while others work: tenants/migrate.py
    op.create_foreign_key(
        op.f("fk_resume_file_deleted_by"), "resume", "member", ["file_deleted_by"], ["id"], postgresql_not_valid=True
    )


def downgrade() -> None:
    """A row whose file is gone names one that is nowhere, as it did before anybody could delete it."""
    op.drop_constraint(op.f("fk_resume_file_deleted_by"), "resume")
    op.drop_column("resume", "file_deleted_by")
    op.drop_column("resume", "file_deleted_at")
    op.execute("update resume set storage_key = 'resumes/' || id where storage_key is null")
    op.alter_column("resume", "storage_key", existing_type=sa.Text(), nullable=False)
