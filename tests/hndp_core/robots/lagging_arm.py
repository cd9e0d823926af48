"""The mechanics of the fake arms: joints that follow their aim with a lag, in real time."""

import threading
import time

import numpy as np

LAG_S = 0.01


class LaggingArm:
    """Seven joints."""

    def __init__(self, joints: np.ndarray) -> None:
        self._lock = threading.Lock()
        self._joints = np.array(joints, float)
        self._aim = self._joints.copy()
        self._at_s = time.monotonic()

    def aim(self, joints: np.ndarray) -> None:
        """Follow a command."""
        with self._lock:
            self._advance()
            self._aim = np.array(joints, float)

    def push(self, joints: np.ndarray) -> None:
        """Be moved by a hand; the arm stays where it was put."""
        with self._lock:
            self._joints, self._aim = np.array(joints, float), np.array(joints, float)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Return positions [rad] and velocities [rad/s]."""
        with self._lock:
            self._advance()
            return self._joints.copy(), (self._aim - self._joints) / LAG_S

    def _advance(self) -> None:
        now_s = time.monotonic()
        self._joints += (self._aim - self._joints) * (1 - np.exp((self._at_s - now_s) / LAG_S))
        self._at_s = now_s
