"""Name what a region is about where its place does not say it, such as the digit to write."""

import sqlalchemy as sa
from alembic import op

revision = "0003_name_what_a_region_is_about"
down_revision = "0002_hold_steps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("regions", sa.Column("subject", sa.Text(), nullable=False, server_default=""))
