"""Keep the loop: people, cells, experiments, demonstrations, iterations, trials, labels and gates.

Label events are append-only: triggers refuse to change or delete one, whoever asks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001_keep_the_loop"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_accounts()
    create_cells()
    create_experiments()
    create_iterations()
    create_trials()
    make_label_events_append_only()


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def create_accounts() -> None:
    """People and their one-time sign-in tokens."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.CheckConstraint(
            "role IN ('viewer', 'operator', 'researcher', 'admin', 'simulated')", name=op.f("ck_users_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "sign_in_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_tokens_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_tokens_user_id"), "sign_in_tokens", ["user_id"], unique=False)


def create_cells() -> None:
    """Robot cells and the heartbeats of all processes."""
    op.create_table(
        "cells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("robot", sa.String(length=40), nullable=False),
        sa.Column("service_url", sa.String(length=200), nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("created_at", moment(), nullable=False),
        sa.CheckConstraint("robot IN ('simulated', 'franka')", name=op.f("ck_cells_robot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cells")),
        sa.UniqueConstraint("name", name=op.f("uq_cells_name")),
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", moment(), nullable=False),
        sa.Column("heartbeat_at", moment(), nullable=False),
        sa.CheckConstraint("kind IN ('web', 'worker', 'cell')", name=op.f("ck_processes_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.create_index(op.f("ix_processes_heartbeat_at"), "processes", ["heartbeat_at"], unique=False)


def create_experiments() -> None:
    """Plans, their regions and the demonstrations in them."""
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("operator", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("iterations", sa.Integer(), nullable=False),
        sa.Column("trials_per_region", sa.Integer(), nullable=False),
        sa.Column("layout_seed", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("started_at", moment(), nullable=True),
        sa.Column("finished_at", moment(), nullable=True),
        sa.CheckConstraint("operator IN ('human', 'simulated')", name=op.f("ck_experiments_operator")),
        sa.CheckConstraint(
            "status IN ('draft', 'running', 'paused', 'finished', 'cancelled', 'failed')",
            name=op.f("ck_experiments_status"),
        ),
        sa.CheckConstraint("iterations >= 1", name=op.f("ck_experiments_iterations")),
        sa.CheckConstraint("trials_per_region IN (1, 3, 5)", name=op.f("ck_experiments_trials_per_region")),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_experiments_cell_id_cells")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_experiments_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
    )
    op.create_index(op.f("ix_experiments_status"), "experiments", ["status"], unique=False)
    op.create_index("uq_experiments_name", "experiments", ["name"], unique=True)
    op.create_table(
        "regions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("split", sa.String(length=40), nullable=False),
        sa.Column("x_m", sa.Double(), nullable=False),
        sa.Column("y_m", sa.Double(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'held_out')", name=op.f("ck_regions_split")),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_regions_experiment_id_experiments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sa.UniqueConstraint(
            "experiment_id", "split", "index", name=op.f("uq_regions_experiment_id_split_index")
        ),
    )
    op.create_table(
        "demonstrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("artefact_key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("warning", sa.String(length=500), nullable=True),
        sa.Column("error", sa.String(length=2000), nullable=True),
        sa.Column("binned_from", sa.String(length=40), nullable=True),
        sa.Column("binned_at", moment(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("recorded_at", moment(), nullable=True),
        sa.CheckConstraint(
            "(status = 'binned') = (binned_at IS NOT NULL)", name=op.f("ck_demonstrations_binned_at")
        ),
        sa.CheckConstraint(
            "source IN ('teacher', 'guided', 'imported')", name=op.f("ck_demonstrations_source")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'recording', 'recorded', 'accepted', 'failed', 'binned')",
            name=op.f("ck_demonstrations_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('recorded', 'accepted') OR (artefact_key IS NOT NULL AND sha256 IS NOT NULL)",
            name=op.f("ck_demonstrations_recorded_has_artefact"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_demonstrations_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_demonstrations_region_id_regions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demonstrations")),
    )
    op.create_index(op.f("ix_demonstrations_region_id"), "demonstrations", ["region_id"], unique=False)
    op.create_index(
        "uq_demonstrations_accepted_region",
        "demonstrations",
        ["region_id"],
        unique=True,
        sqlite_where=sa.text("status = 'accepted'"),
        postgresql_where=sa.text("status = 'accepted'"),
    )


def create_iterations() -> None:
    """The turns of the loop: steps, policies, gates."""
    op.create_table(
        "iterations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("finished_at", moment(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_iterations_number")),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_iterations_experiment_id_experiments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iterations")),
        sa.UniqueConstraint("experiment_id", "number", name=op.f("uq_iterations_experiment_id_number")),
    )
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iteration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=2000), nullable=True),
        sa.Column("log", sa.Text(), nullable=True),
        sa.Column("started_at", moment(), nullable=True),
        sa.Column("finished_at", moment(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('pretraining', 'local_training', 'local_rollouts', 'global_training', "
            "'gate_rollouts', 'held_out_rollouts', 'labelling')",
            name=op.f("ck_steps_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'waiting', 'done', 'failed', 'cancelled')",
            name=op.f("ck_steps_status"),
        ),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_steps_progress")),
        sa.ForeignKeyConstraint(
            ["iteration_id"], ["iterations.id"], name=op.f("fk_steps_iteration_id_iterations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("iteration_id", "kind", name=op.f("uq_steps_iteration_id_kind")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iteration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("artefact_key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.CheckConstraint("kind IN ('encoder', 'local', 'global')", name=op.f("ck_policies_kind")),
        sa.ForeignKeyConstraint(
            ["iteration_id"], ["iterations.id"], name=op.f("fk_policies_iteration_id_iterations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint("iteration_id", "kind", name=op.f("uq_policies_iteration_id_kind")),
    )
    op.create_table(
        "gates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iteration_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("label_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.CheckConstraint("value IN (0, 1)", name=op.f("ck_gates_value")),
        sa.ForeignKeyConstraint(
            ["iteration_id"], ["iterations.id"], name=op.f("fk_gates_iteration_id_iterations")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_gates_region_id_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gates")),
        sa.UniqueConstraint("iteration_id", "region_id", name=op.f("uq_gates_iteration_id_region_id")),
    )


def create_trials() -> None:
    """Rollouts on record and what operators said of them."""
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iteration_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("physics_success", sa.Boolean(), nullable=True),
        sa.Column("refusal", sa.String(length=500), nullable=True),
        sa.Column("artefact_key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("started_at", moment(), nullable=True),
        sa.Column("executed_at", moment(), nullable=True),
        sa.CheckConstraint("purpose IN ('local', 'gate', 'held_out')", name=op.f("ck_trials_purpose")),
        sa.CheckConstraint(
            "status <> 'executed' OR (artefact_key IS NOT NULL AND sha256 IS NOT NULL "
            "AND executed_at IS NOT NULL)",
            name=op.f("ck_trials_executed_has_artefact"),
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'running', 'executed', 'cancelled')", name=op.f("ck_trials_status")
        ),
        sa.CheckConstraint("repeat >= 1 AND attempt >= 1", name=op.f("ck_trials_counts")),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_trials_cell_id_cells")),
        sa.ForeignKeyConstraint(
            ["iteration_id"], ["iterations.id"], name=op.f("fk_trials_iteration_id_iterations")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_trials_policy_id_policies")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_trials_region_id_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
        sa.UniqueConstraint(
            "iteration_id",
            "purpose",
            "region_id",
            "repeat",
            "attempt",
            name=op.f("uq_trials_iteration_id_purpose_region_id_repeat_attempt"),
        ),
    )
    op.create_index(op.f("ix_trials_region_id"), "trials", ["region_id"], unique=False)
    op.create_index("ix_trials_status_purpose", "trials", ["status", "purpose"], unique=False)
    op.create_table(
        "label_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('success', 'failure', 'invalid', 'withdrawn')", name=op.f("ck_label_events_outcome")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_label_events_author_id_users")),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_label_events_trial_id_trials")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_events")),
        sa.UniqueConstraint("request_key", name=op.f("uq_label_events_request_key")),
    )
    op.create_index(op.f("ix_label_events_author_id"), "label_events", ["author_id"], unique=False)
    op.create_index(op.f("ix_label_events_trial_id"), "label_events", ["trial_id"], unique=False)


def make_label_events_append_only() -> None:
    """A correction is a new event; an old one stays as it was said."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION refuse_label_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'label events are append-only: add a new event instead'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER label_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON label_events
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_label_event_change()
            """
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER label_events_no_{verb.lower()} BEFORE {verb} ON label_events
            BEGIN SELECT RAISE(ABORT, 'label events are append-only: add a new event instead'); END
            """
        )
