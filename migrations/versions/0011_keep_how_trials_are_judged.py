"""Keep how trials are judged: rubrics, second raters, reservations, assignments, reruns."""

import sqlalchemy as sa
from alembic import op

revision = "0011_keep_how_trials_are_judged"
down_revision = "0010_keep_who_signed_in"
branch_labels = None
depends_on = None

_RATING = "rating IN ('first', 'second', 'settled')"


def upgrade() -> None:
    extend_labels()
    extend_experiments()
    create_reservations()
    create_assignments()
    create_task_rubrics()


def extend_labels() -> None:
    """What a label says beyond its outcome; the checks stand on the columns, as SQLite can only add those."""
    op.add_column(
        "trials", sa.Column("second_rated", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    rating = sa.CheckConstraint(_RATING, name=op.f("ck_label_events_rating"))
    op.add_column(
        "label_events", sa.Column("rating", sa.String(40), rating, nullable=False, server_default="first")
    )
    score = sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_label_events_score"))
    op.add_column("label_events", sa.Column("score", sa.Double(), score, nullable=True))
    op.add_column("label_events", sa.Column("milestones", sa.JSON(), nullable=True))
    op.add_column("label_events", sa.Column("failure_mode", sa.String(60), nullable=True))


def extend_experiments() -> None:
    """The share of the second rater, and which experiments run others again."""
    share = sa.CheckConstraint(
        "second_rater_share BETWEEN 0 AND 1", name=op.f("ck_experiments_second_rater_share")
    )
    op.add_column(
        "experiments",
        sa.Column("second_rater_share", sa.Double(), share, nullable=False, server_default="0"),
    )
    op.create_table(
        "reruns",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_reruns_experiment_id_experiments")
        ),
        sa.ForeignKeyConstraint(
            ["origin_id"], ["experiments.id"], name=op.f("fk_reruns_origin_id_experiments")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_reruns_created_by_id_users")),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_reruns")),
    )
    op.create_index(op.f("ix_reruns_origin_id"), "reruns", ["origin_id"])


def create_reservations() -> None:
    """Trials that are on somebody's screen."""
    op.create_table(
        "reservations",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_reservations_trial_id_trials")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reservations_user_id_users")),
        sa.PrimaryKeyConstraint("trial_id", name=op.f("pk_reservations")),
    )


def create_assignments() -> None:
    """Who is asked to judge what."""
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=True),
        sa.Column("trial_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(experiment_id IS NULL) <> (trial_id IS NULL)", name=op.f("ck_assignments_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_assignments_experiment_id_experiments")
        ),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_assignments_trial_id_trials")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_assignments_user_id_users")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_assignments_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("experiment_id", name=op.f("uq_assignments_experiment_id")),
        sa.UniqueConstraint("trial_id", name=op.f("uq_assignments_trial_id")),
    )
    op.create_index(op.f("ix_assignments_user_id"), "assignments", ["user_id"])


def create_task_rubrics() -> None:
    """A lab's own milestones and failure modes."""
    op.create_table(
        "task_rubrics",
        sa.Column("task", sa.String(40), nullable=False),
        sa.Column("milestones", sa.JSON(), nullable=False),
        sa.Column("failure_modes", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_task_rubrics_author_id_users")),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_task_rubrics")),
    )
