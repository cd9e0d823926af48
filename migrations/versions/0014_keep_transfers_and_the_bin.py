"""Keep transfers (exports, archives, restored experiments), the bin of experiments, and imported authors."""

import sqlalchemy as sa
from alembic import op

revision = "0014_keep_transfers_and_the_bin"
down_revision = "0013_keep_what_programs_made"
branch_labels = None
depends_on = None

_BINNED = (
    "SELECT 1 FROM trials JOIN iterations ON iterations.id = trials.iteration_id "
    "JOIN experiments ON experiments.id = iterations.experiment_id "
    "WHERE trials.id = OLD.trial_id AND experiments.binned_at IS NOT NULL"
)
"""Whether a label event may go: with its whole experiment, and only out of the bin."""

_REFUSAL = "label events are append-only: add a new event instead"


def upgrade() -> None:
    op.add_column("experiments", sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("motions", sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("imported_from", sa.String(80), nullable=True))
    create_transfers()
    let_label_events_go_with_a_binned_experiment()


def create_transfers() -> None:
    """What leaves the studio as a file, or comes back as one."""
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=True),
        sa.Column("selection", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("artefact_key", sa.String(200), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('dataset', 'archive', 'restoration')", name=op.f("ck_transfers_kind")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_transfers_status")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_transfers_experiment_id_experiments")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_transfers_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_experiment_id"), "transfers", ["experiment_id"])


def let_label_events_go_with_a_binned_experiment() -> None:
    """Deleting an experiment for good takes its label events along; no other way removes one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER label_events_append_only ON label_events")
        op.execute(
            """
            CREATE TRIGGER label_events_append_only BEFORE UPDATE OR TRUNCATE ON label_events
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_label_event_change()
            """
        )
        op.execute(
            f"""
            CREATE OR REPLACE FUNCTION refuse_label_event_delete() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS ({_BINNED}) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
        op.execute(
            """
            CREATE OR REPLACE TRIGGER label_events_no_delete BEFORE DELETE ON label_events
            FOR EACH ROW EXECUTE FUNCTION refuse_label_event_delete()
            """
        )
        return
    op.execute("DROP TRIGGER IF EXISTS label_events_no_delete")
    op.execute(
        f"""
        CREATE TRIGGER label_events_no_delete BEFORE DELETE ON label_events WHEN NOT EXISTS ({_BINNED})
        BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
        """
    )
