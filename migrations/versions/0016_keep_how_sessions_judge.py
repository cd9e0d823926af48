"""Keep how blind sessions are judged: second raters, curves, and the rubric that held at their start."""

import sqlalchemy as sa
from alembic import op

revision = "0016_keep_how_sessions_judge"
down_revision = "0015_keep_what_dashboards_sum"
branch_labels = None
depends_on = None

_TABLE = "evaluation_sessions"


def upgrade() -> None:
    """The checks stand on the columns, as SQLite can only add those."""
    share = sa.CheckConstraint(
        "second_rater_share BETWEEN 0 AND 1", name=op.f("ck_evaluation_sessions_second_rater_share")
    )
    op.add_column(
        _TABLE, sa.Column("second_rater_share", sa.Double(), share, nullable=False, server_default="0")
    )
    curves = sa.CheckConstraint("curves IN ('hidden', 'shown')", name=op.f("ck_evaluation_sessions_curves"))
    op.add_column(_TABLE, sa.Column("curves", sa.String(40), curves, nullable=False, server_default="hidden"))
    op.add_column(_TABLE, sa.Column("rubric", sa.JSON(), nullable=True))
