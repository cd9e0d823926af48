"""The form by which a file becomes a motion: what was sent, and what is wrong with it by input name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from app.accounts.models import User
from app.audit.service import audit
from app.demonstrations.models import Motion
from app.demonstrations.motions import store_motion
from app.experiments.models import Experiment, Region
from app.experiments.schemas import InvalidForm
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.demonstration_import import ImportedMotion, ImportOptions, UnusableFile, read_motion
from hndp_core.errors import InvalidSetting


@dataclass(frozen=True)
class SentImport:
    """The form as it was sent. `fields` holds region, rate_hz and episode as text."""

    fields: dict[str, str]
    file: str
    content: bytes

    @classmethod
    def of(cls, fields: dict[str, str], file: str, content: bytes) -> "SentImport":
        """What was sent, of the file's name only its end: some browsers send its folder too."""
        return cls({"region": "", "rate_hz": "", "episode": "", **fields}, PurePath(file).name, content)


async def sent_import(request: Request) -> SentImport:
    """Read the form, which is small enough and has come whole."""
    file, content = "", b""
    async with request.form() as form:
        upload = form.get("file")
        if isinstance(upload, UploadFile):
            file, content = upload.filename or "", await upload.read()
        fields = {key: value.strip() for key, value in form.items() if isinstance(value, str)}
    return SentImport.of(fields, file, content)


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
    rate_hz = _rate(sent.fields["rate_hz"], errors)
    episode = sent.fields["episode"] or "0"
    if not episode.isdecimal():
        errors["episode"] = f"{episode!r} is no whole number from 0 on: give one, or leave it empty."
    if errors or region is None:
        raise InvalidForm(errors)
    try:
        return region, read_motion(sent.file, sent.content, ImportOptions(rate_hz, int(episode)))
    except (UnusableFile, InvalidSetting) as error:
        raise InvalidForm({error.field: str(error)}) from error


def import_motion(
    session: Session, store: ArtefactStore, user: User, experiment: Experiment, sent: SentImport
) -> Motion:
    """Keep the motion of a file for the region that was chosen, to be looked at. The caller commits.

    Raises:
        InvalidForm: what is wrong, by the name of the input.
        Conflict: the experiment has started.
        StorageFull: no room; nothing was kept.
    """
    region, imported = read_import(sent, [each for each in experiment.regions if each.split == "train"])
    motion = store_motion(
        session,
        store,
        region=region,
        user=user,
        recording=imported.recording,
        source="imported",
        name=sent.file,
        notes=imported.notes,
    )
    audit(session, user, "imported", f"motion {motion.id} into {region.name} from {sent.file}")
    return motion


def _rate(text: str, errors: dict[str, str]) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        errors["rate_hz"] = f"{text!r} is no number: give samples a second, such as 100, or leave it empty."
        return None
