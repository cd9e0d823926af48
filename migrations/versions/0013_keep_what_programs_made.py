"""Keys under which programs have made something, so that it is made once."""

import sqlalchemy as sa
from alembic import op

revision = "0013_keep_what_programs_made"
down_revision = "0012_keep_evaluation_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_creations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_creations_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_creations")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_api_creations_user_id_key")),
    )
