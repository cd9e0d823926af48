import pytest
import torch

from hndp_core.errors import InvalidSetting
from hndp_core.motion import resample

TIME = torch.arange(1, 11, dtype=torch.float64)[:, None] / 10


def test_a_cubic_is_read_exactly_anywhere() -> None:
    times = torch.arange(1, 24, dtype=torch.float64)[:, None] / 23
    start = torch.ones(1, dtype=torch.float64)
    found = resample(TIME**3 - TIME**2 + 1, start, 23)
    torch.testing.assert_close(found, times**3 - times**2 + 1)


def test_own_number_of_samples_is_untouched() -> None:
    assert resample(TIME, torch.zeros(1), 10) is TIME


def test_refuses_no_samples() -> None:
    with pytest.raises(InvalidSetting, match="at least one"):
        resample(TIME, torch.zeros(1, dtype=torch.float64), 0)
