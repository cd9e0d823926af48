"""Sockets to listen on, taken before anything else starts, so that a port in use is told at once."""

import errno
import socket
from contextlib import ExitStack
from typing import Final

from app.platform.errors import StartUpError

BACKLOG: Final = 2048
"""Connections that may wait while the web process starts, or starts again."""


class PortInUse(StartUpError):
    """Another program listens where this one wants to."""

    def __init__(self, host: str, port: int, variable: str) -> None:
        super().__init__(
            f"Port {port} on {host} is in use. Stop the program that uses it, or choose another port: "
            f"{variable}={port + 1 if port < 65535 else port - 1}"
        )


def listen(host: str, port: int, variable: str) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. `variable` is the setting to name when it fails.

    Raises:
        PortInUse: somebody else listens there.
        StartUpError: the host is not an address of this machine, or the port is not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with ExitStack() as closed_on_error:
            listener = closed_on_error.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            closed_on_error.pop_all()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port, variable) from error
        raise StartUpError(
            f"Cannot listen on {host} port {port} ({error.strerror}). Change HNDP_HOST or {variable}."
        ) from error
    return listener


def port_of(listener: socket.socket) -> int:
    return listener.getsockname()[1]
