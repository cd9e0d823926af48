"""Keep who is signed in where and by what, and an audit log of what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0010_keep_who_signed_in"
down_revision = "0009_keep_who_set_a_scene"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True))
    _make_passwords()
    _make_sessions()
    _make_tokens()
    _make_identities()
    _make_audit()


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"))


def _moment(name: str, *, needed: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _make_passwords() -> None:
    op.create_table(
        "passwords",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(200), nullable=False),
        _moment("set_at", needed=True),
        _of_user("passwords"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_passwords")),
    )


def _make_sessions() -> None:
    op.create_table(
        "browser_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        _moment("created_at", needed=True),
        _moment("seen_at", needed=True),
        _moment("expires_at", needed=True),
        _moment("ended_at"),
        sa.CheckConstraint("way IN ('link', 'password', 'provider')", name=op.f("ck_browser_sessions_way")),
        _of_user("browser_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_browser_sessions_key_hash")),
    )
    op.create_index(op.f("ix_browser_sessions_user_id"), "browser_sessions", ["user_id"])


def _make_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        _moment("created_at", needed=True),
        _moment("expires_at", needed=True),
        _moment("used_at"),
        _moment("revoked_at"),
        sa.CheckConstraint(
            "scope IN ('viewer', 'operator', 'researcher', 'admin', 'metrics')",
            name=op.f("ck_api_tokens_scope"),
        ),
        _of_user("api_tokens"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])


def _make_identities() -> None:
    op.create_table(
        "provider_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        _moment("created_at", needed=True),
        _of_user("provider_identities"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_provider_identities_issuer_subject")),
    )
    op.create_index(op.f("ix_provider_identities_user_id"), "provider_identities", ["user_id"])


def _make_audit() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        _moment("created_at", needed=True),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(300), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        _of_user("audit_events"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_act_id"), "audit_events", ["act", "id"])
    op.create_index(op.f("ix_audit_events_user_id_id"), "audit_events", ["user_id", "id"])
    _make_audit_append_only()


def _make_audit_append_only() -> None:
    """An audit that can be changed is none."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION refuse_audit_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'the audit log is append-only'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_event_change()
            """
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER audit_events_no_{verb.lower()} BEFORE {verb} ON audit_events
            BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
            """
        )
