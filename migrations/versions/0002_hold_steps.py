"""Hold steps: when a pause put a step back, so that the time it worked stays known."""

import sqlalchemy as sa
from alembic import op

revision = "0002_hold_steps"
down_revision = "0001_keep_the_loop"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("steps", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
