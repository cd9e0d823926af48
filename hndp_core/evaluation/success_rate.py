"""Success rates with their uncertainty: a rate is always shown as k of n with an interval."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

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
        """Wilson score interval (1927); (0, 1) without a trial.

        In closed form: scipy's takes a second to import, which the web process must not wait for.
        """
        if self.trials == 0:
            return 0.0, 1.0
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        rate, scale = self.successes / self.trials, 1 + z**2 / self.trials
        centre = rate + z**2 / (2 * self.trials)
        reach = z * sqrt(rate * (1 - rate) / self.trials + (z / (2 * self.trials)) ** 2)
        return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)

    def exact_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Clopper-Pearson interval (1934); (0, 1) without a trial.

        It covers the true rate at least as often as it says, whatever the rate; Wilson's does so on average,
        and is narrower.
        """
        from scipy.special import betaincinv  # heavy

        successes, failures, tail = self.successes, self.trials - self.successes, (1 - confidence) / 2
        low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
        high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
        return low, high

    def __add__(self, other: "SuccessRate") -> "SuccessRate":
        """Both series counted together."""
        return SuccessRate(self.successes + other.successes, self.trials + other.trials)

    @property
    def rate(self) -> float:
        """k / n; 0 without a trial."""
        return self.successes / self.trials if self.trials else 0.0

    def as_dict(self) -> dict[str, int | list[float]]:
        """{"successes": k, "trials": n, "interval": [low, high]}."""
        return {"successes": self.successes, "trials": self.trials, "interval": list(self.interval())}
