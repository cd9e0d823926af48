"""Cameras that OpenCV can open: devices, network streams, and video files in their place."""

import re
import threading
import time
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import UInt8

from hndp_core.robots.camera import Camera, CameraLost
from hndp_core.robots.camera_address import CameraAddress

STALE_AFTER_S: Final = 1.0
"""A newest picture that is older is none of the present scene: the camera is lost."""

_OPENING_S: Final = 8.0
_READING_S: Final = 2.0
_CLOSING_S: Final = 3.0
_USUAL_RATE_HZ: Final = 30.0
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
        self._frame: np.ndarray | None = None
        self._frame_time_s = 0.0
        self._rate_hz = 0.0
        self._failure: str | None = "it is not open"
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
            raise self._lost("it is not open")
        return self._rate_hz

    def open(self) -> None:
        """Start taking pictures; see `Camera.open`."""
        if self._thread is not None and self._failure is None:
            return
        self.close()
        capture = self._capture()
        self._failure, self._frame, self._closing = None, None, threading.Event()
        self._thread = threading.Thread(target=self._take, args=(capture, self._closing), daemon=True)
        self._thread.start()
        with self._news:
            self._news.wait_for(lambda: self._frame is not None or self._failure is not None, _OPENING_S)
        try:
            height, width = self._scaled().shape[:2]
            self._address.check_crop(width, height)
        except BaseException:
            self.close()
            raise

    def read(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the newest picture, RGB; see `Camera.read`."""
        picture = self._scaled()
        crop = self._address.crop
        if crop is not None:
            picture = picture[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

    def close(self) -> None:
        """Stop taking pictures. Closing twice changes nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._closing.set()
            thread.join(_CLOSING_S)  # one that waits for a dead device ends later, by itself
        self._failure = "it is not open"

    def _scaled(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the newest picture, BGR, at the resolution that was asked for."""
        failure, frame = self._failure, self._frame
        if failure is not None:
            raise self._lost(failure)
        if frame is None:
            raise self._lost(f"it gave no picture within {_OPENING_S:g} s")
        age_s = time.monotonic() - self._frame_time_s
        if age_s > self._stale_after_s:
            raise self._lost(f"its last picture is {age_s:.1f} s old")
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
        device = re.fullmatch(r"/dev/video(\d+)", str(Path(address.place).resolve()))
        if address.kind == "device" and device is not None:  # also one that is named by its maker or socket
            capture = cv2.VideoCapture(int(device[1]), api, settings)
        else:
            capture = cv2.VideoCapture(address.place, api, settings)
        if not capture.isOpened():
            raise self._lost("it cannot be opened")
        if address.kind == "device":
            if address.width is not None and address.height is not None:
                capture.set(cv2.CAP_PROP_FRAME_WIDTH, address.width)
                capture.set(cv2.CAP_PROP_FRAME_HEIGHT, address.height)
            if address.rate_hz is not None:
                capture.set(cv2.CAP_PROP_FPS, address.rate_hz)
        claimed_hz = capture.get(cv2.CAP_PROP_FPS)
        self._rate_hz = address.rate_hz or (claimed_hz if 0 < claimed_hz < 1000 else _USUAL_RATE_HZ)
        return capture

    def _take(self, capture: Any, closing: threading.Event) -> None:
        """Take pictures until closing or failing; the capture belongs to this thread alone."""
        try:
            while not closing.is_set():
                taken, frame = capture.read()
                if not taken and self._address.kind == "file":
                    capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
                    taken, frame = capture.read()
                failure = None if taken and frame is not None else "it gives no pictures any more"
                # OpenCV may repeat the last picture of a device that has been pulled out.
                if self._address.kind == "device" and not Path(self._address.place).exists():
                    failure = "it was unplugged"
                with self._news:
                    if closing.is_set():
                        return
                    self._failure = failure
                    if failure is None:
                        self._frame, self._frame_time_s = frame, time.monotonic()
                    self._news.notify_all()
                if failure is not None:
                    return
                if self._address.kind == "file":
                    closing.wait(1 / self._rate_hz)
        finally:
            capture.release()

    def _lost(self, reason: str) -> CameraLost:
        return CameraLost(self.name, reason, _REMEDY[self._address.kind])
