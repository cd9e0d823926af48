"""Which scene variation a planned run meets."""

from app.evaluations.models import PlannedRun
from hndp_core.evaluation.order import scene_seed


def scene_seed_of(run: PlannedRun, attempt: int) -> int:
    """In a paired session one for all policies, in each region and repeat; else one of its own."""
    session, region = run.session, run.region
    letter = run.candidate.letter if session.pairing == "independent" else None
    return scene_seed(
        session.seed, region.split, region.index, run.block - 1, letter=letter, attempt=attempt - 1
    )
