"""Keep how evenly a trial's commands were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0009_keep_the_period_error"
down_revision = "0008_keep_motions_and_replays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trials", sa.Column("period_error_p99_ms", sa.Double(), nullable=True))
