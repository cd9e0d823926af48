"""Keep how much a trial was slowed down so that the arm could follow its plan."""

import sqlalchemy as sa
from alembic import op

revision = "0005_keep_the_slow_down"
down_revision = "0004_keep_measures_and_levels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trials", sa.Column("slow_down", sa.Double(), nullable=True))
