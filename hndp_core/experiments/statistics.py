"""Success rates with their uncertainty: a rate is always shown as k of n with an interval."""

from dataclasses import dataclass

from scipy.stats import binomtest

from hndp_core.errors import InvalidSetting


@dataclass(frozen=True)
class SuccessRate:
    """k successes in n counted trials; invalid trials are in neither."""

    successes: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.trials:
            raise InvalidSetting(
                "successes", self.successes, f"choose between 0 and the {self.trials} trials"
            )

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson score interval; (0, 1) without a trial."""
        if self.trials == 0:
            return 0.0, 1.0
        bounds = binomtest(self.successes, self.trials).proportion_ci(confidence, method="wilson")
        return float(bounds.low), float(bounds.high)

    def as_dict(self) -> dict[str, int | list[float]]:
        """{"successes": k, "trials": n, "interval": [low, high]}."""
        return {"successes": self.successes, "trials": self.trials, "interval": list(self.interval())}
