"""Experiments that nobody wants any more: thrown away, brought back, or deleted for good."""

from fastapi import BackgroundTasks

from app.accounts.current_user import CurrentUser
from app.api.resource_route import RowId, resource_router
from app.bin.service import bring_back, delete_for_good, throw_away
from app.experiments.repository import ExperimentRepository
from app.experiments.resources import BinnedExperiment
from app.platform.requests import JobsDep, SessionDep, SettingsDep

router = resource_router("Experiments")


@router.get("/bin")
def list_bin(session: SessionDep) -> list[BinnedExperiment]:
    """The experiments in the bin, last thrown away first."""
    return [BinnedExperiment.of(each) for each in ExperimentRepository(session).binned()]


@router.post("/experiments/{experiment_id}/bin", status_code=204)
def bin_experiment(experiment_id: RowId, user: CurrentUser, session: SessionDep) -> None:
    """Throw an experiment away that is not under way: only the bin shows it then."""
    throw_away(session, user, experiment_id)


@router.post("/experiments/{experiment_id}/bring-back", status_code=204)
def bring_experiment_back(experiment_id: RowId, user: CurrentUser, session: SessionDep) -> None:
    """Take an experiment out of the bin, as it was."""
    bring_back(session, user, experiment_id)


@router.delete("/bin/{experiment_id}", status_code=204)
def delete_binned_experiment(
    experiment_id: RowId,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    jobs: JobsDep,
    afterwards: BackgroundTasks,
) -> None:
    """Delete an experiment out of the bin for good, with its rows and files: nothing brings it back."""
    remains = delete_for_good(session, user, experiment_id)
    afterwards.add_task(remains.clear, settings.artefacts, jobs)
