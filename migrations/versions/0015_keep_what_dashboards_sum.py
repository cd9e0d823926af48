"""Keep what dashboards show of very many trials: sums of work, how motions were, when processes ran.

The database itself adds to `label_days` and `trial_hours`, in the transaction that stores a label event or
makes a planned trial an executed one. What is stored as executed from the start is the copy of a trial, such
as a rerun brings: no arm did it now, and nobody judged it now, so that neither is counted. A later migration
that rebuilds `trials` on SQLite has to call `make_triggers` again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_keep_what_dashboards_sum"
down_revision = "0014_keep_transfers_and_the_bin"
branch_labels = None
depends_on = None

_QUALITY = ("arm_s", "squared_jerk", "velocity_share", "acceleration_share")

_COPIED = "rerun/%"
"""Request keys of label events that a rerun copied."""

_DAY = {"sqlite": "substr({}, 1, 10)", "postgresql": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"}
_HOUR = {"sqlite": "substr({}, 1, 13)", "postgresql": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"}


def upgrade() -> None:
    for column in _QUALITY:
        op.add_column("trials", sa.Column(column, sa.Double(), nullable=True))
    create_process_runs()
    create_sums()
    op.create_index("ix_label_events_created_at", "label_events", ["created_at"])
    op.create_index("ix_label_events_rating_created_at", "label_events", ["rating", "created_at"])
    op.create_index("ix_trials_executed_at", "trials", ["executed_at"])
    # Nearly all trials are executed: by their state and purpose SQLite would walk those of all experiments.
    op.drop_index("ix_trials_status_purpose", "trials")
    op.create_index("ix_trials_status_iteration_id", "trials", ["status", "iteration_id"])
    dialect = op.get_bind().dialect.name
    sum_what_is_there(dialect)
    make_triggers(dialect)


def create_process_runs() -> None:
    """When processes ran."""
    op.create_table(
        "process_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_runs")),
    )
    op.create_index("ix_process_runs_kind_seen_at", "process_runs", ["kind", "seen_at"])


def create_sums() -> None:
    """Labels by day, trials by hour."""
    op.create_table(
        "label_days",
        sa.Column("day", sa.String(40), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_label_days_author_id_users")),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_label_days_cell_id_cells")),
        sa.PrimaryKeyConstraint("day", "author_id", "experiment_id", "cell_id", name=op.f("pk_label_days")),
    )
    op.create_table(
        "trial_hours",
        sa.Column("hour", sa.String(40), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("timed", sa.Integer(), nullable=False),
        sa.Column("arm_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_trial_hours_cell_id_cells")),
        sa.PrimaryKeyConstraint("hour", "cell_id", "experiment_id", name=op.f("pk_trial_hours")),
    )


def sum_what_is_there(dialect: str) -> None:
    """Count the labels and trials of an older database."""
    op.execute(
        f"""
        INSERT INTO label_days (day, author_id, experiment_id, cell_id, labels)
        SELECT {_DAY[dialect].format("e.created_at")}, e.author_id, COALESCE(i.experiment_id, 0), t.cell_id,
               COUNT(*)
        FROM label_events e JOIN trials t ON t.id = e.trial_id LEFT JOIN iterations i ON i.id = t.iteration_id
        WHERE e.outcome <> 'withdrawn' AND e.request_key NOT LIKE '{_COPIED}' GROUP BY 1, 2, 3, 4
        """
    )
    op.execute(
        f"""
        INSERT INTO trial_hours (hour, cell_id, experiment_id, trials, timed, arm_s)
        SELECT {_HOUR[dialect].format("t.executed_at")}, t.cell_id, COALESCE(i.experiment_id, 0), COUNT(*),
               COUNT(t.arm_s), COALESCE(SUM(t.arm_s), 0)
        FROM trials t LEFT JOIN iterations i ON i.id = t.iteration_id
             LEFT JOIN reruns r ON r.experiment_id = i.experiment_id AND i.number <= r.iteration
        WHERE t.status = 'executed' AND r.experiment_id IS NULL GROUP BY 1, 2, 3
        """
    )


def add_label(dialect: str) -> str:
    """SQL that counts a new label event."""
    return f"""
        INSERT INTO label_days (day, author_id, experiment_id, cell_id, labels)
        SELECT {_DAY[dialect].format("NEW.created_at")}, NEW.author_id,
               COALESCE((SELECT experiment_id FROM iterations WHERE id = t.iteration_id), 0), t.cell_id, 1
        FROM trials t WHERE t.id = NEW.trial_id
        ON CONFLICT (day, author_id, experiment_id, cell_id) DO UPDATE SET labels = label_days.labels + 1;
    """


def add_trial(dialect: str) -> str:
    """SQL that counts a trial that is now executed."""
    return f"""
        INSERT INTO trial_hours (hour, cell_id, experiment_id, trials, timed, arm_s)
        SELECT {_HOUR[dialect].format("NEW.executed_at")}, NEW.cell_id,
               COALESCE((SELECT experiment_id FROM iterations WHERE id = NEW.iteration_id), 0), 1,
               CASE WHEN NEW.arm_s IS NULL THEN 0 ELSE 1 END, COALESCE(NEW.arm_s, 0)
        WHERE TRUE
        ON CONFLICT (hour, cell_id, experiment_id) DO UPDATE
        SET trials = trial_hours.trials + 1, timed = trial_hours.timed + excluded.timed,
            arm_s = trial_hours.arm_s + excluded.arm_s;
    """


def make_triggers(dialect: str) -> None:
    """Let the database count by itself."""
    judged = f"NEW.outcome <> 'withdrawn' AND NEW.request_key NOT LIKE '{_COPIED}'"
    executed = "NEW.status = 'executed' AND OLD.status <> 'executed'"
    for name, table, verb, when, act in (
        ("label_counted", "label_events", "INSERT", judged, add_label),
        ("trial_executed", "trials", "UPDATE OF status", executed, add_trial),
    ):
        if dialect == "sqlite":
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
            op.execute(f"CREATE TRIGGER {name} AFTER {verb} ON {table} WHEN {when} BEGIN {act(dialect)} END")
            continue
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {act(dialect)} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {verb} ON {table} FOR EACH ROW WHEN ({when}) "
            f"EXECUTE FUNCTION {name}()"
        )
