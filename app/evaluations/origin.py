"""Where a policy comes from, in words: for plans, and for sessions that are closed."""

from app.training.models import Policy


def origin_of(policy: Policy) -> str:
    """Method, iteration, seed and experiment of a policy. Never for an open session."""
    iteration = policy.iteration
    experiment = iteration.experiment
    turn = f", iteration {iteration.number}" if experiment.refines else ""
    return f"{experiment.method_title}{turn}, seed {experiment.seed} ({experiment.name})"
