"""Keep evaluation sessions, and trials that belong to one instead of an iteration."""

import sqlalchemy as sa
from alembic import op

revision = "0012_keep_evaluation_sessions"
down_revision = "0011_keep_how_trials_are_judged"
branch_labels = None
depends_on = None

_PURPOSE = "purpose IN ('local', 'gate', 'held_out', 'evaluation')"
_ONE_OWNER = (
    "(purpose = 'evaluation' AND iteration_id IS NULL AND planned_run_id IS NOT NULL) OR "
    "(purpose <> 'evaluation' AND iteration_id IS NOT NULL AND planned_run_id IS NULL)"
)


def upgrade() -> None:
    create_sessions()
    create_candidates()
    create_runs()
    extend_trials()


def create_sessions() -> None:
    """What is compared, how, and who revealed it."""
    op.create_table(
        "evaluation_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("task", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("pairing", sa.String(40), nullable=False),
        sa.Column("design", sa.String(40), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(500), nullable=True),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        *_checks(
            "evaluation_sessions",
            status="status IN ('draft', 'running', 'paused', 'closed')",
            operator="operator IN ('human', 'simulated')",
            pairing="pairing IN ('paired', 'independent')",
            design="design IN ('fixed', 'sequential')",
            repeats="repeats >= 1",
            level="level > 0 AND level < 1",
            closed_by_whom="(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)",
        ),
        _foreign_key("evaluation_sessions", "cell_id", "cells"),
        _foreign_key("evaluation_sessions", "created_by_id", "users"),
        _foreign_key("evaluation_sessions", "closed_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_sessions")),
    )
    op.create_index("uq_evaluation_sessions_name", "evaluation_sessions", ["name"], unique=True)
    op.create_index(op.f("ix_evaluation_sessions_status"), "evaluation_sessions", ["status"])


def create_candidates() -> None:
    """The policies behind their letters."""
    op.create_table(
        "evaluation_candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(1), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        _foreign_key("evaluation_candidates", "session_id", "evaluation_sessions"),
        _foreign_key("evaluation_candidates", "policy_id", "policies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_candidates")),
        sa.UniqueConstraint("session_id", "letter", name=op.f("uq_evaluation_candidates_session_id_letter")),
        sa.UniqueConstraint(
            "session_id", "policy_id", name=op.f("uq_evaluation_candidates_session_id_policy_id")
        ),
    )


def create_runs() -> None:
    """The order of a session."""
    op.create_table(
        "evaluation_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        *_checks("evaluation_runs", counts="position >= 1 AND block >= 1"),
        _foreign_key("evaluation_runs", "session_id", "evaluation_sessions"),
        _foreign_key("evaluation_runs", "candidate_id", "evaluation_candidates"),
        _foreign_key("evaluation_runs", "region_id", "regions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_runs")),
        sa.UniqueConstraint("session_id", "position", name=op.f("uq_evaluation_runs_session_id_position")),
        sa.UniqueConstraint(
            "candidate_id",
            "region_id",
            "block",
            name=op.f("uq_evaluation_runs_candidate_id_region_id_block"),
        ),
    )


def extend_trials() -> None:
    """A trial has an iteration or a planned run. SQLite makes the table anew."""
    with op.batch_alter_table("trials") as trials:
        trials.add_column(sa.Column("planned_run_id", sa.Integer(), nullable=True))
        trials.alter_column("iteration_id", existing_type=sa.Integer(), nullable=True)
        trials.create_foreign_key(
            op.f("fk_trials_planned_run_id_evaluation_runs"), "evaluation_runs", ["planned_run_id"], ["id"]
        )
        trials.create_unique_constraint(
            op.f("uq_trials_planned_run_id_attempt"), ["planned_run_id", "attempt"]
        )
        trials.drop_constraint(op.f("ck_trials_purpose"), type_="check")
        trials.create_check_constraint(op.f("ck_trials_purpose"), _PURPOSE)
        trials.create_check_constraint(op.f("ck_trials_one_owner"), _ONE_OWNER)


def _checks(table: str, **conditions: str) -> tuple[sa.CheckConstraint, ...]:
    return tuple(
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    )


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
