"""Keep what the simulator's judge measured, and the level of every experiment's task."""

import sqlalchemy as sa
from alembic import op

revision = "0004_keep_measures_and_levels"
down_revision = "0003_name_what_a_region_is_about"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trials", sa.Column("measures", sa.JSON(), nullable=True))
    # A bare name meant the default level, which was this one for every task so far.
    op.execute("UPDATE experiments SET task = task || '@clean' WHERE task NOT LIKE '%@%'")
