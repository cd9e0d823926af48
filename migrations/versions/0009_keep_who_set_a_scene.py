"""Keep whether scenes are checked, who said that a trial's matches, and when a label cut a motion short."""

import sqlalchemy as sa
from alembic import op

revision = "0009_keep_who_set_a_scene"
down_revision = "0008_keep_the_period_error"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trials", sa.Column("cut_short_at_s", sa.Double(), nullable=True))
    op.add_column(
        "experiments", sa.Column("checks_scenes", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.create_table(
        "scene_matches",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reference IN ('demonstration', 'trial', 'simulation')", name=op.f("ck_scene_matches_reference")
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_scene_matches_trial_id_trials")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_scene_matches_user_id_users")),
        sa.PrimaryKeyConstraint("trial_id", name=op.f("pk_scene_matches")),
    )
