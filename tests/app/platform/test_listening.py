import socket

import pytest

from app.platform.errors import StartUpError
from app.platform.listening import PortInUse, listen, port_of
from app.platform.settings import Settings
from app.platform.studio import free_cell_port


def test_free_port_is_taken_and_known() -> None:
    with (
        listen("127.0.0.1", 0, "HNDP_PORT") as listener,
        socket.create_connection(("127.0.0.1", port_of(listener)), timeout=5) as caller,
    ):
        assert caller.getpeername() == listener.getsockname()


def test_port_in_use_names_the_setting() -> None:
    with listen("127.0.0.1", 0, "HNDP_PORT") as listener, pytest.raises(PortInUse, match="HNDP_PORT="):
        listen("127.0.0.1", port_of(listener), "HNDP_PORT")


def test_foreign_address_names_the_setting() -> None:
    with pytest.raises(StartUpError, match="HNDP_HOST"):
        listen("192.0.2.1", 0, "HNDP_PORT")


def test_cell_port_taken_by_another_studio_is_replaced_unless_asked_for() -> None:
    with listen("127.0.0.1", 0, "HNDP_CELL_PORT") as taken:
        asked = Settings(cell_port=port_of(taken))
        by_default = Settings().model_copy(update={"cell_port": port_of(taken)})
        by_default.model_fields_set.discard("cell_port")
        assert free_cell_port(by_default) != port_of(taken)
        with pytest.raises(PortInUse, match="HNDP_CELL_PORT="):
            free_cell_port(asked)
