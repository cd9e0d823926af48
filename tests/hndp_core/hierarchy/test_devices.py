"""Whether trainings can be made on another device than the CPU, on machines that have none."""

import subprocess
import sys
from pathlib import Path

TRAININGS = Path(__file__).with_name("trainings_elsewhere.py")


def test_every_training_on_a_second_device():
    """In a process of its own: once torch knows of a second device, it never forgets it."""
    tests = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", str(TRAININGS)]
    run = subprocess.run(tests, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout
