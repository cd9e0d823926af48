"""The whole path of a route. A route itself knows only its path within its own router, without the prefixes
of the routers that include that one.
"""

from fastapi import FastAPI
from fastapi.requests import HTTPConnection
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute


class RoutePaths:
    """The paths of an application's routes. One that is added later is known by what it says itself."""

    def __init__(self, app: FastAPI) -> None:
        self._contexts = [each for each in iter_route_contexts(app.routes) if each.path is not None]
        self._by_route = {id(each.original_route): each.path for each in self._contexts}

    def of(self, route: BaseRoute) -> str:
        return self._by_route.get(id(route)) or getattr(route, "path", "")


def path_of_route(connection: HTTPConnection) -> str:
    """Path of the route that a request has come to, with the names of its parameters in braces."""
    return connection.app.state.route_paths.of(connection.scope["route"])
