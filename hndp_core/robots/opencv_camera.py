"""Cameras that OpenCV can open: devices, network streams, and video files in their place."""

import re
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import UInt8

from hndp_core.robots.camera import Camera, CameraCondition, CameraLost
from hndp_core.robots.camera_address import CameraAddress

STALE_AFTER_S: Final = 1.0
"""A newest picture that is older is none of the present scene: the camera is lost."""

_NOT_OPEN: Final = "it is not open"
_OPENING_S: Final = 8.0
_READING_S: Final = 2.0
_CLOSING_S: Final = 3.0
_USUAL_RATE_HZ: Final = 30.0
_MEASURED_PICTURES: Final = 60
"""Over so many pictures their rate is measured."""

_REMEDY: Final = {
    "device": "Plug it in (the same socket keeps its name), and try again.",
    "stream": "Look whether camera and network are on and the address is right, and try again.",
    "file": "Look whether the file is there and plays.",
}


class OpenCvCamera(Camera):
    """A camera whose pictures are taken by a thread, so that a slow reader never sees an old one.

    What is not read is thrown away: drivers and network streams queue pictures, and would hand out the
    oldest. A file plays at its rate, over and over.
    """

    def __init__(self, address: CameraAddress, stale_after_s: float = STALE_AFTER_S) -> None:
        """Take what is needed; nothing is opened yet.

        Args:
            address: of the camera.
            stale_after_s: a newest picture older than this is an error.
        """
        self._address = address
        self._stale_after_s = stale_after_s
        self._news = threading.Condition()
        self._changing = threading.RLock()
        self._wanted = False
        self._frame: np.ndarray | None = None
        self._times_s: deque[float] = deque(maxlen=_MEASURED_PICTURES)
        self._rate_hz = 0.0
        self._failure: str | None = _NOT_OPEN
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    @property
    def name(self) -> str:
        """Device or address, without a password."""
        return self._address.name

    @property
    def resolution(self) -> tuple[int, int]:
        """Width and height of its pictures, once open [px]."""
        height, width = self.read().shape[:2]
        return width, height

    @property
    def rate_hz(self) -> float:
        """Pictures a second that it claims to take, once open."""
        if self._thread is None:
            raise self._lost(_NOT_OPEN)
        return self._rate_hz

    @property
    def condition(self) -> CameraCondition:
        """How it does. Answers at once, and may be asked from any thread."""
        with self._news:
            times_s, frame = list(self._times_s), self._frame
            reason = self._why_lost(frame) if self._wanted else None
        passed_s = times_s[-1] - times_s[0] if len(times_s) > 1 else 0.0
        return CameraCondition(
            state="closed" if not self._wanted else "open" if reason is None else "lost",
            problem="" if reason is None else str(self._lost(reason)),
            resolution=None if frame is None else self._resolution_of(frame),
            measured_hz=(len(times_s) - 1) / passed_s if passed_s > 0 else None,
            age_s=time.monotonic() - times_s[-1] if times_s else None,
        )

    def open(self) -> None:
        """Start taking pictures; see `Camera.open`."""
        with self._changing:
            if self._thread is not None and self._failure is None:
                return
            try:
                self._start()
            except BaseException:
                self._release()
                raise
            finally:
                self._wanted = True

    def _start(self) -> None:
        self._release()
        capture = self._capture()
        with self._news:
            self._failure, self._frame, self._closing = None, None, threading.Event()
            self._times_s.clear()
        self._thread = threading.Thread(
            target=self._take, args=(capture, self._closing), name=f"camera {self.name}", daemon=True
        )
        self._thread.start()
        with self._news:
            self._news.wait_for(lambda: self._frame is not None or self._failure is not None, _OPENING_S)
        height, width = self._scaled().shape[:2]
        self._address.check_crop(width, height)

    def read(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the newest picture, RGB; see `Camera.read`."""
        picture = self._scaled()
        crop = self._address.crop
        if crop is not None:
            picture = picture[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

    def close(self) -> None:
        """Stop taking pictures. Closing twice changes nothing."""
        with self._changing:
            self._wanted = False
            self._release()
            self._failure = _NOT_OPEN

    def _release(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._closing.set()
            thread.join(_CLOSING_S)  # one that waits for a dead device ends later, by itself
        self._failure = self._failure or _NOT_OPEN

    def _why_lost(self, frame: np.ndarray | None) -> str | None:
        """Why there is no present picture; None where there is."""
        if self._failure is not None:
            return self._failure
        if frame is None:
            return "it has given no picture yet"
        age_s = time.monotonic() - self._times_s[-1]
        return f"its last picture is {age_s:.1f} s old" if age_s > self._stale_after_s else None

    def _resolution_of(self, frame: np.ndarray) -> tuple[int, int]:
        address, (height, width) = self._address, frame.shape[:2]
        if address.crop is not None:
            return address.crop.width, address.crop.height
        return address.width or width, address.height or height

    def _scaled(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the newest picture, BGR, at the resolution that was asked for."""
        with self._news:
            frame = self._frame
            reason = self._why_lost(frame)
        if reason is not None:
            raise self._lost(reason)
        assert frame is not None
        width, height = self._address.width, self._address.height
        if width is None or height is None or frame.shape[:2] == (height, width):
            return frame
        return np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA))

    def _capture(self) -> Any:
        address = self._address
        api = cv2.CAP_V4L2 if address.kind == "device" else cv2.CAP_FFMPEG
        settings: list[int] = []
        if address.kind == "stream":
            settings = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(1000 * _OPENING_S)]
            settings += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1000 * _READING_S)]
        if address.kind != "stream" and not Path(address.place).exists():
            raise self._closed()  # OpenCV would complain on the terminal at every try
        device = re.fullmatch(r"/dev/video(\d+)", str(Path(address.place).resolve()))
        if address.kind == "device" and device is not None:  # also one that is named by its maker or socket
            capture = cv2.VideoCapture(int(device[1]), api, settings)
        else:
            capture = cv2.VideoCapture(address.place, api, settings)
        if not capture.isOpened():
            raise self._closed()
        if address.kind == "device":
            if address.width is not None and address.height is not None:
                capture.set(cv2.CAP_PROP_FRAME_WIDTH, address.width)
                capture.set(cv2.CAP_PROP_FRAME_HEIGHT, address.height)
            if address.rate_hz is not None:
                capture.set(cv2.CAP_PROP_FPS, address.rate_hz)
        claimed_hz = capture.get(cv2.CAP_PROP_FPS)
        self._rate_hz = address.rate_hz or (claimed_hz if 0 < claimed_hz < 1000 else _USUAL_RATE_HZ)
        return capture

    def _closed(self) -> CameraLost:
        self._failure = "it cannot be opened"
        return self._lost(self._failure)

    def _take(self, capture: Any, closing: threading.Event) -> None:
        """Take pictures until closing or failing; the capture belongs to this thread alone."""
        try:
            while not closing.is_set():
                taken, frame = capture.read()
                if not taken and self._address.kind == "file":
                    capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
                    taken, frame = capture.read()
                failure = None if taken and frame is not None else "it gives no pictures any more"
                # OpenCV may repeat the last picture of a device that has been pulled out, and a file that is
                # open plays on after it was removed.
                if self._address.kind != "stream" and not Path(self._address.place).exists():
                    failure = "it was unplugged" if self._address.kind == "device" else "its file is gone"
                with self._news:
                    if closing.is_set():
                        return
                    self._failure = failure
                    if failure is None:
                        self._frame = frame
                        self._times_s.append(time.monotonic())
                    self._news.notify_all()
                if failure is not None:
                    return
                if self._address.kind == "file":
                    closing.wait(1 / self._rate_hz)
        finally:
            capture.release()

    def _lost(self, reason: str) -> CameraLost:
        return CameraLost(self.name, reason, _REMEDY[self._address.kind])
