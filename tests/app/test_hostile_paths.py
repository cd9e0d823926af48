"""Whatever stands in the place of a parameter: no answer holds a file of the machine, and none is an error of
the studio's own.
"""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.accounts.permissions import NEEDS
from app.platform.settings import Settings

SECRET = "what no answer may hold"
HOSTILE = (
    "..%2f..%2fsecret.txt",
    "..%2F..%2F..%2F..%2Fetc%2Fpasswd",
    "%2e%2e%2fsecret.txt",
    "....%2f%2fsecret.txt",
    "%00",
    "1%00.png",
    "..%5c..%5csecret.txt",
    "%252e%252e%252fsecret.txt",
    str(2**63),
    "-1",
    "%27%20OR%201=1--",
    "%3Cscript%3E",
    "x" * 3000,
)
STREAMS = ("events", "live.mjpg")


def attacks() -> list[tuple[str, str]]:
    """Each route with a parameter, with each hostile value in the place of each."""
    found = []
    for route in NEEDS:
        method, path = route.split(" ")
        if "{" not in path or method == "WS" or path.endswith(STREAMS):
            continue
        parts = path.split("/")
        for place, part in enumerate(parts):
            for value in HOSTILE if "{" in part else ():
                tried = ["1" if "{" in other else other for other in parts]
                tried[place] = part[: part.index("{")] + value + part[part.index("}") + 1 :]
                found.append((method, "/".join(tried)))
    return found


@pytest.fixture
def secret(settings: Settings) -> Path:
    """A file beside the studio's own, where a path that climbs out of a folder would find it."""
    settings.data_dir.mkdir(exist_ok=True)
    file = settings.data_dir / "secret.txt"
    file.write_text(SECRET)
    return file


@pytest.mark.usefixtures("secret")
def test_no_path_leads_out_of_its_folder_or_breaks_the_studio(
    web_app: FastAPI, sign_in, caplog: pytest.LogCaptureFixture
) -> None:
    cookie = sign_in("Ada", "admin").cookies["hndp_session"]
    headers = {"cookie": f"hndp_session={cookie}", "accept": "text/html"}

    async def try_all() -> list[str]:
        transport = httpx.ASGITransport(web_app, raise_app_exceptions=False)
        wrong = []
        async with httpx.AsyncClient(
            transport=transport, base_url="http://testserver", headers=headers
        ) as attacker:
            for method, path in attacks():
                answer = await attacker.request(method, path)
                if answer.status_code >= 500 or SECRET in answer.text or "root:" in answer.text:
                    wrong.append(f"{method} {path[:100]}: {answer.status_code}")
                is_page = "html" in answer.headers.get("content-type", "")
                if is_page and "<script>" in answer.text.replace("<script src", ""):
                    wrong.append(f"{method} {path[:100]}: hands a script back")
        return wrong

    assert asyncio.run(try_all()) == []


@pytest.mark.parametrize("value", [*HOSTILE[:8], "../../secret.txt", "..%2f..%2fpyproject.toml"])
def test_static_files_are_those_of_their_folder(anonymous: TestClient, value: str) -> None:
    assert anonymous.get(f"/static/{value}").status_code == 404
