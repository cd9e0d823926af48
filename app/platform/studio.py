"""The whole studio on one machine: what `hndp serve` starts and prints."""

import os
from collections.abc import Callable

from app.accounts.service import ensure_user, issue_sign_in_token, studio_admin
from app.platform.database import Database
from app.platform.listening import PortInUse, listen, port_of
from app.platform.migration import migrate_settings, require_current
from app.platform.settings import Settings
from app.platform.supervisor import Service, Supervisor, answers


def serve_studio(settings: Settings, tell: Callable[[str], None]) -> None:
    """Run web, worker and cell until a signal, telling what a person must know.

    Raises:
        StartUpError: a port is in use, or the database does not fit; nothing was started.
    """
    with listen(settings.host, settings.port, "HNDP_PORT") as listener:
        cell_port = free_cell_port(settings)
        migrate_settings(settings)
        settings = settings.model_copy(update={"port": port_of(listener), "cell_port": cell_port})
        services = (
            Service("web", ("web", "--listener-fd", str(listener.fileno())), (listener.fileno(),)),
            Service("worker", ("worker",)),
            Service("cell", ("cell",)),
        )
        environment = {**os.environ, "HNDP_PORT": str(settings.port), "HNDP_CELL_PORT": str(cell_port)}

        def welcome() -> None:
            link = make_sign_in_link(settings)
            tell(f"H-NDP Studio runs at {settings.url()} (data in {settings.data_dir}). Ctrl-C stops it.")
            tell(f"Sign in, once, within {settings.sign_in_minutes} minutes: {link}")

        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
        Supervisor(services, environment).run(lambda: answers(host, settings.port), welcome)
        tell("Stopped.")


def free_cell_port(settings: Settings) -> int:
    """Return the cell's port, or a free one where the default one is taken by another studio.

    Raises:
        PortInUse: the port was asked for by HNDP_CELL_PORT.
    """
    try:
        listener = listen("127.0.0.1", settings.cell_port, "HNDP_CELL_PORT")
    except PortInUse:
        if "cell_port" in settings.model_fields_set:
            raise
        listener = listen("127.0.0.1", 0, "HNDP_CELL_PORT")
    with listener:
        return port_of(listener)


def make_sign_in_link(settings: Settings, name: str = "", role: str = "admin") -> str:
    """Return a new one-time link for a user, who is made if unknown; without a name for the studio's admin.

    Raises:
        Invalid: the name or the role cannot be used.
        StartUpError: the database does not fit.
    """
    database = Database(settings.resolved_database_url)
    require_current(database)
    with database.transaction() as session:
        user = ensure_user(session, name, role) if name else studio_admin(session)
        token = issue_sign_in_token(session, user, settings.sign_in_minutes)
    database.close()
    return settings.url(f"/sign-in?token={token}")
