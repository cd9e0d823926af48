"""Pages and fragments from templates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"


class Pages:
    """The template environment: autoescaping, and an unknown name in a template is an error.

    `environment.filters` and `environment.globals` are open to features that add their own.
    """

    def __init__(self) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["static_url"] = static_url
        self._templates = Jinja2Templates(env=self.environment, context_processors=[_always_there])

    def render(
        self, request: Request, name: str, context: Mapping[str, Any] | None = None, status_code: int = 200
    ) -> HTMLResponse:
        """Answer with a template; it always knows `request` and `user` (None before the sign-in)."""
        return self._templates.TemplateResponse(request, name, dict(context or {}), status_code=status_code)

    def fragment(self, name: str, **context: Any) -> str:
        """Render a template that needs no request: for live events."""
        return self.environment.get_template(name).render(context)


def _always_there(request: Request) -> dict[str, Any]:
    return {"user": getattr(request.state, "user", None)}


def static_url(path: str) -> str:
    """URL of a file under static/, with its time of change, so that a browser never keeps an old one."""
    file = STATIC / path
    version = int(file.stat().st_mtime) if file.is_file() else 0
    return f"/static/{path}?v={version}"
