"""Keep motions that hands and files bring, which demonstrations the arm made of them, and replays."""

import sqlalchemy as sa
from alembic import op

revision = "0007_keep_motions_and_replays"
down_revision = "0006_keep_who_moves_the_arm"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "motions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("trimmed", sa.Boolean(), nullable=False),
        sa.Column("cut_off_s", sa.Double(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('guided', 'imported')", name=op.f("ck_motions_source")),
        sa.CheckConstraint("status IN ('waiting', 'kept', 'binned')", name=op.f("ck_motions_status")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_motions_region_id_regions")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_motions_created_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_motions")),
    )
    op.create_index(op.f("ix_motions_region_id"), "motions", ["region_id"])
    op.create_table(
        "motion_takes",
        sa.Column("demonstration_id", sa.Integer(), nullable=False),
        sa.Column("motion_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["demonstration_id"],
            ["demonstrations.id"],
            name=op.f("fk_motion_takes_demonstration_id_demonstrations"),
        ),
        sa.ForeignKeyConstraint(
            ["motion_id"], ["motions.id"], name=op.f("fk_motion_takes_motion_id_motions")
        ),
        sa.PrimaryKeyConstraint("demonstration_id", name=op.f("pk_motion_takes")),
    )
    op.create_index(op.f("ix_motion_takes_motion_id"), "motion_takes", ["motion_id"])
    op.create_table(
        "replays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("demonstration_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_replays_status")
        ),
        sa.ForeignKeyConstraint(
            ["demonstration_id"],
            ["demonstrations.id"],
            name=op.f("fk_replays_demonstration_id_demonstrations"),
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_replays_created_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_demonstration_id"), "replays", ["demonstration_id"])
