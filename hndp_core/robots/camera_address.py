"""Which camera a cell looks through, as people write it on a command line."""

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hndp_core.errors import InvalidSetting

_STREAMS: Final = ("rtsp", "rtsps", "http", "https")
_OPTIONS: Final = ("width", "height", "rate", "crop")
_FORMS: Final = "write 0, /dev/video2, rtsp://HOST/PATH or file:/PATH.mp4"


class Crop(NamedTuple):
    """Part of a picture, counted from its upper left corner [px]."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class CameraAddress:
    """A camera and how its pictures shall be.

    Attributes:
        kind: a device of this machine, a stream from the network, or a video file (for trying things out).
        place: device, address or path.
        width: of its pictures before the crop [px]; None: what it gives by itself.
        height: of its pictures before the crop [px]; given or left out together with the width.
        rate_hz: pictures a second, of a device or a file; None: what it gives by itself.
        crop: what is cut out of its pictures; None: all of them.
    """

    kind: Literal["device", "stream", "file"]
    place: str
    width: int | None = None
    height: int | None = None
    rate_hz: float | None = None
    crop: Crop | None = None

    def __post_init__(self) -> None:
        if (self.width is None) != (self.height is None):
            raise InvalidSetting("camera width", self.width, "give both width and height, or neither")
        for name in ("width", "height"):
            pixels = getattr(self, name)
            if pixels is not None and pixels < 1:
                raise InvalidSetting(f"camera {name}", pixels, "use a whole number above 0")
        if self.rate_hz is not None and not 0 < self.rate_hz < float("inf"):
            raise InvalidSetting("camera rate", self.rate_hz, "use a number above 0")
        if self.rate_hz is not None and self.kind == "stream":
            raise InvalidSetting("camera rate", self.rate_hz, "set a stream's rate in the camera itself")
        if self.crop is not None:
            x, y, width, height = self.crop
            if min(x, y) < 0 or min(width, height) < 1:
                raise InvalidSetting("camera crop", tuple(self.crop), "use x,y from 0 and sizes above 0")
            if self.width is not None and self.height is not None:
                self.check_crop(self.width, self.height)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "0", "/dev/video2", "rtsp://HOST/PATH" or "file:/PATH.mp4", each with options.

        Options follow a question mark: ?width=1280&height=720&rate=30&crop=X,Y,WIDTH,HEIGHT. A stream keeps
        what else its address asks for.

        Raises:
            InvalidSetting: names the field and how to write it.
        """
        address, _, query = text.strip().partition("?")
        options = dict(parse_qsl(query, keep_blank_values=True))
        kind, place = _place(address)
        others = {name: value for name, value in options.items() if name not in _OPTIONS}
        if kind == "stream" and others:
            place = f"{place}?{urlencode(others)}"
        elif others:
            raise InvalidSetting(f"camera {next(iter(others))}", text, f"known are {', '.join(_OPTIONS)}")
        return cls(
            kind,
            place,
            _whole("width", options.get("width")),
            _whole("height", options.get("height")),
            _number("rate", options.get("rate")),
            _crop(options.get("crop")),
        )

    @property
    def name(self) -> str:
        """What people call it: the place, without a password."""
        if self.kind != "stream":
            return self.place
        parts = urlsplit(self.place)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    def check_crop(self, width: int, height: int) -> None:
        """Refuse a crop that reaches out of pictures of this size.

        Raises:
            InvalidSetting: it does.
        """
        crop = self.crop
        if crop is not None and (crop.x + crop.width > width or crop.y + crop.height > height):
            raise InvalidSetting("camera crop", tuple(crop), f"the picture is {width} x {height}")


def _place(address: str) -> tuple[Literal["device", "stream", "file"], str]:
    if re.fullmatch(r"\d+", address):
        return "device", f"/dev/video{int(address)}"
    if re.fullmatch(r"/dev/\S+", address):
        return "device", address
    scheme, _, rest = address.partition(":")
    if scheme in _STREAMS and urlsplit(address).hostname:
        return "stream", address
    if scheme == "file" and rest:
        return "file", rest
    raise InvalidSetting("camera", address, _FORMS)


def _whole(name: str, text: str | None) -> int | None:
    if text is not None and not re.fullmatch(r"\d+", text):
        raise InvalidSetting(f"camera {name}", text, "use a whole number above 0")
    return None if text is None else int(text)


def _number(name: str, text: str | None) -> float | None:
    if text is not None and not re.fullmatch(r"\d+(\.\d+)?", text):
        raise InvalidSetting(f"camera {name}", text, "use a number above 0")
    return None if text is None else float(text)


def _crop(text: str | None) -> Crop | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d+(,\d+){3}", text):
        raise InvalidSetting("camera crop", text, "write four whole numbers: x,y,width,height")
    return Crop(*map(int, text.split(",")))
