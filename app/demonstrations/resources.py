"""Demonstrations and motions as programs get them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from app.api.record_links import RecordFiles
from app.demonstrations.fit_preview import fit_preview
from app.demonstrations.models import Demonstration, Motion, Replay
from app.demonstrations.motions import prepared, recording_of, start_image
from app.demonstrations.repository import DemonstrationRepository
from hndp_core.data.artefact_store import ArtefactStore


class DemonstrationResource(BaseModel):
    """An expert trajectory for one region. `record` is the address of its arrays (npz), once recorded."""

    id: int
    experiment_id: int
    region_id: int
    region: str
    take: int
    source: Literal["teacher", "guided", "imported"]
    status: Literal["queued", "recording", "recorded", "accepted", "failed", "binned"]
    warning: str | None
    error: str | None
    created_by: str
    created_at: datetime
    recorded_at: datetime | None
    sha256: str | None
    record: str | None
    files: RecordFiles | None

    @classmethod
    def of(cls, row: Demonstration) -> "DemonstrationResource":
        told = cls.model_fields.keys() - {"experiment_id", "region", "created_by", "record", "files"}
        recorded = row.artefact_key is not None
        return cls(
            **{name: getattr(row, name) for name in told},
            experiment_id=row.region.experiment_id,
            region=row.region.name,
            created_by=row.created_by.name,
            record=f"/api/v1/demonstrations/{row.id}/record" if recorded else None,
            files=RecordFiles.of(row.artefact_key, row.sha256),
        )


class ReplayResource(BaseModel):
    """A demonstration executed once more on the arm, for somebody to watch."""

    id: int
    demonstration_id: int
    status: Literal["queued", "running", "done", "failed"]
    note: str | None

    @classmethod
    def of(cls, row: Replay) -> "ReplayResource":
        return cls.model_validate(row, from_attributes=True)


class MotionResource(BaseModel):
    """A motion that a hand or a file brought, to be looked at before it is kept. `demonstrations` are what
    the arm has made of it.
    """

    id: int
    experiment_id: int
    region_id: int
    region: str
    source: Literal["guided", "imported"]
    status: Literal["waiting", "kept", "binned"]
    name: str
    notes: list[str]
    trimmed: bool
    cut_off_s: float | None
    created_by: str
    created_at: datetime
    demonstrations: list[int]

    @classmethod
    def of(cls, row: Motion, rows: DemonstrationRepository) -> "MotionResource":
        told = cls.model_fields.keys() - {"experiment_id", "region", "created_by", "demonstrations"}
        return cls(
            **{name: getattr(row, name) for name in told},
            experiment_id=row.region.experiment_id,
            region=row.region.name,
            created_by=row.created_by.name,
            demonstrations=[each.id for each in rows.of_motion(row.id)],
        )


class MotionPreview(BaseModel):
    """A motion as it came, and as the arm will execute it: `pace` times as fast, after `lead_in_s` of way
    from home. `warnings` are what to look at, `fit_error_mrad` is how near a movement primitive comes, joint
    by joint (root mean square), `start_image` where the scene is seen as a hand began to lead a real arm.
    """

    duration_s: float
    samples: int
    rate_hz: float
    cut_start_s: float
    cut_end_s: float
    lead_in_s: float
    pace: float
    warnings: list[str]
    fit_error_mrad: list[float]
    start_image: str | None

    @classmethod
    def of(cls, row: Motion, store: ArtefactStore) -> "MotionPreview":
        recording = recording_of(store, row)
        ready = prepared(row, recording)
        fit = fit_preview(row.region.experiment, ready.start, ready.commands)
        return cls(
            duration_s=recording.duration_s,
            samples=len(recording.time_s),
            rate_hz=recording.rate_hz,
            cut_start_s=ready.cut_start_s,
            cut_end_s=ready.cut_end_s,
            lead_in_s=ready.lead_in_s,
            pace=ready.pace,
            warnings=list(ready.warnings),
            fit_error_mrad=list(fit.error_mrad),
            start_image=start_image(store, row),
        )
