"""The fixtures of the app's tests, for faults that need no processes of their own."""

from tests.app.cells.conftest import add_policy, camera, computer, experiment_id, film, real_arm, store
from tests.app.cells.real_arm import make_robot
from tests.app.conftest import (
    client,
    database,
    database_url,
    settings,
    sign_in,
    template_database,
    user,
    web_app,
)

__all__ = [
    "add_policy",
    "camera",
    "client",
    "computer",
    "database",
    "database_url",
    "experiment_id",
    "film",
    "make_robot",
    "real_arm",
    "settings",
    "sign_in",
    "store",
    "template_database",
    "user",
    "web_app",
]
