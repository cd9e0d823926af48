"""The seed of a trial's scene variation: the app and the command line derive the same."""

from hndp_core.errors import UnknownName
from hndp_core.seeding import seed_for

PURPOSES = ("demonstration", "local", "gate", "held_out")


def trial_seed(
    seed: int, iteration: int, purpose: str, region_index: int, repeat: int = 0, attempt: int = 0
) -> int:
    """The seed of one trial.

    Held-out trials meet the same scene variations in every iteration: these are the test on which
    iterations and methods are compared. All others meet new ones.

    Args:
        seed: seed of the whole run
        iteration: 1, 2, ...; 0 for demonstrations
        purpose: "demonstration", "local", "gate" or "held_out"; no two purposes share a variation
        region_index: `Region.index`
        repeat: 0 to trials per region - 1
        attempt: 0, then one more for each time that an invalid trial is run again

    Raises:
        UnknownName: for another purpose.
    """
    if purpose not in PURPOSES:
        raise UnknownName("purpose", purpose, PURPOSES)
    if purpose == "held_out":
        iteration = 0
    return seed_for(seed, "trial", iteration, purpose, region_index, repeat, attempt)
