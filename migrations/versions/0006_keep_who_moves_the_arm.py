"""Keep who may move the arm of a cell: its key, its tokens, why it does not move, and the audit of it all."""

import sqlalchemy as sa
from alembic import op

revision = "0006_keep_who_moves_the_arm"
down_revision = "0005_keep_the_slow_down"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cells", sa.Column("service_key", sa.String(64), nullable=True))
    op.add_column("cells", sa.Column("lease_token", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cells", sa.Column("attended", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cells", sa.Column("motion", sa.String(40), nullable=False, server_default="ready"))
    op.add_column("cells", sa.Column("motion_note", sa.String(500), nullable=False, server_default=""))
    op.create_table(
        "cell_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('taken', 'taken_over', 'released', 'lost', 'hold', 'go_on', 'stop', 'recover', "
            "'recovered')",
            name=op.f("ck_cell_events_kind"),
        ),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_cell_events_cell_id_cells")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_cell_events_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_events")),
    )
    op.create_index(op.f("ix_cell_events_cell_id"), "cell_events", ["cell_id"], unique=False)
    _make_events_append_only()


def _make_events_append_only() -> None:
    """An audit that can be changed is none."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION refuse_cell_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'cell events are append-only'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER cell_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cell_events
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_cell_event_change()
            """
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER cell_events_no_{verb.lower()} BEFORE {verb} ON cell_events
            BEGIN SELECT RAISE(ABORT, 'cell events are append-only'); END
            """
        )
