"""Statistics of columns that are seen piece by piece, as learners normalise by them."""

import numpy as np
from jaxtyping import Float64


class FeatureStatistics:
    """Least, greatest, mean and deviation of each entry of a vector, without keeping a row of it.

    Pieces are joined as by Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
    sample variances" (1979). Rows with a NaN do not count.
    """

    def __init__(self) -> None:
        self.count = 0
        self._least = self._greatest = self._mean = self._squares = np.zeros(0)

    def add(self, rows: Float64[np.ndarray, "rows width"]) -> None:
        """Count more rows in."""
        rows = rows[~np.isnan(rows).any(axis=1)]
        if not len(rows):
            return
        mean = rows.mean(axis=0)
        squares = np.square(rows - mean).sum(axis=0)
        if not self.count:
            self._least, self._greatest = rows.min(axis=0), rows.max(axis=0)
            self._mean, self._squares, self.count = mean, squares, len(rows)
            return
        total = self.count + len(rows)
        apart = mean - self._mean
        self._mean = self._mean + apart * len(rows) / total
        self._squares = self._squares + squares + np.square(apart) * self.count * len(rows) / total
        self._least = np.minimum(self._least, rows.min(axis=0))
        self._greatest = np.maximum(self._greatest, rows.max(axis=0))
        self.count = total

    def summary(self) -> dict[str, list[float]]:
        """min, max, mean, std and count."""
        deviation = np.sqrt(self._squares / max(self.count, 1))
        return {
            "min": self._least.tolist(),
            "max": self._greatest.tolist(),
            "mean": self._mean.tolist(),
            "std": deviation.tolist(),
            "count": [self.count],
        }
