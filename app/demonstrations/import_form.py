"""The form by which a file becomes a motion: what was sent, and what is wrong with it by input name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.experiments.models import Region
from app.experiments.schemas import InvalidForm
from app.platform.errors import AppError
from hndp_core.data.demonstration_import import ImportedMotion, ImportOptions, UnusableFile, read_motion
from hndp_core.errors import InvalidSetting

MOST_BYTES: Final = 64 * 1024 * 1024
"""A minute of motion at 1 kHz as text takes some 8 MB; a data set packed with its videos does not fit."""


class TooLarge(AppError):
    """An upload that is refused before it is read."""

    status_code = 413

    def __init__(self, size: int) -> None:
        super().__init__(
            f"The file has {size / 2**20:.0f} MB, the limit is {MOST_BYTES / 2**20:.0f} MB. Choose a single "
            "motion; leave the videos of a data set out.",
            field="file",
        )


@dataclass(frozen=True)
class SentImport:
    """The form as it was sent. `fields` holds region, rate_hz and episode as text."""

    fields: dict[str, str]
    file: str
    content: bytes


async def sent_import(request: Request) -> SentImport:
    """Read the form.

    Raises:
        TooLarge: the file is; by its announced size, nothing is read.
    """
    announced = int(request.headers.get("content-length") or 0)
    if announced > MOST_BYTES:
        raise TooLarge(announced)
    form = await request.form()
    upload = form.get("file")
    file, content = "", b""
    if isinstance(upload, UploadFile):
        if (upload.size or 0) > MOST_BYTES:
            raise TooLarge(upload.size or 0)
        file, content = PurePath(upload.filename or "").name, await upload.read()
    fields = {key: value.strip() for key, value in form.items() if isinstance(value, str)}
    return SentImport({"region": "", "rate_hz": "", "episode": "", **fields}, file, content)


SentImportDep = Annotated[SentImport, Depends(sent_import)]


def read_import(sent: SentImport, regions: Sequence[Region]) -> tuple[Region, ImportedMotion]:
    """The region that was chosen and the motion in the file.

    Raises:
        InvalidForm: what is wrong, by the name of the input.
    """
    errors: dict[str, str] = {}
    region = next((each for each in regions if str(each.id) == sent.fields["region"]), None)
    if region is None:
        errors["region"] = "Choose the train region that the motion demonstrates."
    if not sent.file:
        errors["file"] = "Choose a file."
    rate_hz = _number(sent.fields, "rate_hz", "samples a second, such as 100, or leave it empty", errors)
    episode = _number(sent.fields, "episode", "a whole number from 0 on, or leave it empty", errors)
    if episode is not None and episode != int(episode):
        errors["episode"] = "Give a whole number from 0 on, or leave it empty."
    if errors or region is None:
        raise InvalidForm(errors)
    try:
        return region, read_motion(sent.file, sent.content, ImportOptions(rate_hz, int(episode or 0)))
    except (UnusableFile, InvalidSetting) as error:
        raise InvalidForm({error.field: str(error)}) from error


def _number(fields: dict[str, str], name: str, what: str, errors: dict[str, str]) -> float | None:
    text = fields[name].replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        errors[name] = f"{fields[name]!r} is no number: give {what}."
        return None
