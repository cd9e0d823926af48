import http.server
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.robots.camera import CameraCondition, CameraLost
from hndp_core.robots.camera_address import CameraAddress, Crop
from hndp_core.robots.opencv_camera import OpenCvCamera
from tests.film import FRAMES, shade, write_film


class NetworkCamera:
    """A network camera that counts its pictures: each is of one grey, brighter by one than the last."""

    def __init__(self) -> None:
        self.plugged_in = threading.Event()
        self.plugged_in.set()
        self.sent = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
                self.end_headers()
                while outer.plugged_in.is_set():
                    picture = np.full((48, 64, 3), min(outer.sent, 255), np.uint8)
                    content = cv2.imencode(".jpg", picture)[1].tobytes()
                    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(content)}\r\n\r\n"
                    try:
                        self.wfile.write(head.encode() + content + b"\r\n")
                    except OSError:
                        return
                    outer.sent += 1
                    time.sleep(0.02)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/live?channel=1"

    def close(self) -> None:
        self.plugged_in.clear()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def network_camera() -> Iterator[NetworkCamera]:
    camera = NetworkCamera()
    yield camera
    camera.close()


def film(path, options: str = "") -> OpenCvCamera:
    return OpenCvCamera(CameraAddress.parse(f"file:{path}{options}"), stale_after_s=60.0)


def read_for(seconds: float, camera: OpenCvCamera) -> None:
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        camera.read()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", CameraAddress("device", "/dev/video0")),
        (" 12 ", CameraAddress("device", "/dev/video12")),
        ("/dev/v4l/by-id/usb-camera", CameraAddress("device", "/dev/v4l/by-id/usb-camera")),
        ("0?width=1280&height=720&rate=30", CameraAddress("device", "/dev/video0", 1280, 720, 30.0)),
        ("0?crop=10,0,480,480", CameraAddress("device", "/dev/video0", crop=Crop(10, 0, 480, 480))),
        ("rtsp://10.0.0.9:554/live", CameraAddress("stream", "rtsp://10.0.0.9:554/live")),
        (
            "rtsp://10.0.0.9/live?channel=1&width=640&height=480",
            CameraAddress("stream", "rtsp://10.0.0.9/live?channel=1", 640, 480),
        ),
        ("file:/films/a.mp4?rate=12.5", CameraAddress("file", "/films/a.mp4", rate_hz=12.5)),
    ],
)
def test_addresses_are_read(text, expected):
    assert CameraAddress.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "camera = "),
        ("video0", "camera = "),
        ("file:", "camera = "),
        ("rtsp://", "camera = "),
        ("ftp://a/b", "camera = "),
        ("0?width=640", "camera width"),
        ("0?width=640&height=0", "camera height"),
        ("0?width=640&height=x", "camera height"),
        ("0?width=-1&height=4", "camera width"),
        ("0?rate=0", "camera rate"),
        ("0?rate=fast", "camera rate"),
        ("rtsp://a/b?rate=5", "camera rate"),
        ("0?crop=1,2,3", "camera crop"),
        ("0?crop=1,2,0,4", "camera crop"),
        ("0?width=64&height=48&crop=0,1,64,48", "camera crop.*the picture is 64 x 48"),
        ("0?zoom=2", "camera zoom.*known are width, height, rate, crop"),
    ],
)
def test_an_unusable_address_names_its_field(text, field):
    with pytest.raises(InvalidSetting, match=field):
        CameraAddress.parse(text)


def test_a_password_is_shown_to_nobody():
    address = CameraAddress.parse("rtsp://operator:secret@10.0.0.9:554/live")
    assert address.place == "rtsp://operator:secret@10.0.0.9:554/live"
    assert address.name == "rtsp://10.0.0.9:554/live"


def test_pictures_are_red_green_blue_and_the_readers_own(video_path):
    with film(video_path) as camera:
        picture = camera.read()
        assert (picture.shape, picture.dtype) == ((120, 160, 3), np.uint8)
        assert camera.resolution == (160, 120)
        assert camera.rate_hz == pytest.approx(25.0)
        red, green, blue = picture[20, 20]
        assert red > 200
        assert max(green, blue) < 60
        picture[:] = 0
        assert camera.read().max() > 0


def test_a_film_goes_on_and_begins_again(video_path):
    with film(video_path, "?rate=400") as camera:
        seen: set[int] = set()
        deadline_s = time.monotonic() + 20.0
        while len(seen) < FRAMES - 2 and time.monotonic() < deadline_s:
            grey = int(camera.read()[100, 100].mean())
            seen.add(min(range(FRAMES), key=lambda number: abs(shade(number) - grey)))
            time.sleep(0.001)
        assert len(seen) >= FRAMES - 2


def test_resolution_and_crop(video_path):
    with film(video_path, "?width=80&height=60&crop=30,20,20,20") as camera:
        picture = camera.read()
        assert picture.shape == (20, 20, 3)
        assert camera.resolution == (20, 20)
    left, right = picture[2:8, 2:8], picture[12:18, 12:18]  # the corner of the red quarter is at 40, 30
    assert left[..., 0].mean() > left[..., 1].mean() + 100
    assert abs(right[..., 0].mean() - right[..., 1].mean()) < 10


def test_a_crop_beyond_the_picture_is_refused_and_leaves_nothing_open(video_path):
    camera = film(video_path, "?crop=100,0,80,80")
    with pytest.raises(InvalidSetting, match="the picture is 160 x 120"):
        camera.open()
    with pytest.raises(CameraLost, match="not open"):
        camera.read()


def test_opening_and_closing_twice_change_nothing(video_path):
    camera = film(video_path)
    camera.open()
    camera.open()
    camera.read()
    camera.close()
    camera.close()
    with pytest.raises(CameraLost, match="not open"):
        camera.read()


@pytest.mark.parametrize("address", ["/dev/video93", "file:/no/such/film.mp4"])
def test_a_camera_that_is_not_there_is_named(address):
    camera = OpenCvCamera(CameraAddress.parse(address))
    with pytest.raises(CameraLost, match=f"{address.removeprefix('file:')} is lost: it cannot be opened"):
        camera.open()


def test_a_slow_reader_sees_the_newest_picture(network_camera):
    camera = OpenCvCamera(CameraAddress.parse(network_camera.address), stale_after_s=60.0)
    with camera:
        first = camera.read().mean()
        time.sleep(1.0)  # some fifty pictures, each brighter by one, that queue where nobody takes them
        assert camera.read().mean() > first + 10


def test_a_camera_that_is_unplugged_is_lost_and_found_again(network_camera):
    with OpenCvCamera(CameraAddress.parse(network_camera.address), stale_after_s=60.0) as camera:
        assert camera.read().shape == (48, 64, 3)
        network_camera.plugged_in.clear()
        with pytest.raises(CameraLost, match=r"127\.0\.0\.1.*no pictures any more.*camera and network"):
            read_for(20.0, camera)
        network_camera.plugged_in.set()
        camera.open()
        assert camera.read().shape == (48, 64, 3)


def wait_for(state: str, camera: OpenCvCamera) -> CameraCondition:
    deadline_s = time.monotonic() + 20.0
    while (condition := camera.condition).state != state:
        assert time.monotonic() < deadline_s, condition
        time.sleep(0.01)
    return condition


def test_the_condition_says_how_the_camera_does(video_path):
    camera = film(video_path, "?rate=50&crop=0,0,40,30")
    assert camera.condition == CameraCondition("closed", "", None, None, None)
    with camera:
        time.sleep(0.5)
        condition = camera.condition
        assert (condition.state, condition.problem, condition.resolution) == ("open", "", (40, 30))
        assert condition.measured_hz is not None
        assert 5 < condition.measured_hz <= 51
        assert condition.age_s is not None
        assert condition.age_s < 10
    assert camera.condition.state == "closed"


def test_a_file_that_goes_away_is_an_unplugged_camera_until_it_is_back(tmp_path):
    path = write_film(tmp_path / "film.avi")
    with film(path, "?rate=100") as camera:
        path.rename(tmp_path / "away.avi")
        lost = wait_for("lost", camera)
        assert "its file is gone. Look whether the file is there" in lost.problem
        with pytest.raises(CameraLost, match="its file is gone"):
            camera.read()
        with pytest.raises(CameraLost, match="cannot be opened"):
            camera.open()
        assert camera.condition.state == "lost"
        (tmp_path / "away.avi").rename(path)
        camera.open()
        assert camera.condition.state == "open"
        assert camera.read().shape == (120, 160, 3)


def test_two_who_open_it_at_once_open_one_camera(video_path):
    camera = film(video_path)
    threads = [threading.Thread(target=camera.open) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    names = [each.name for each in threading.enumerate() if each.name.startswith("camera ")]
    assert len(names) == 1
    camera.close()


def test_a_picture_that_is_too_old_is_none(video_path):
    camera = OpenCvCamera(CameraAddress.parse(f"file:{video_path}?rate=0.1"), stale_after_s=0.5)
    camera.open()
    time.sleep(0.6)
    with pytest.raises(CameraLost, match=r"its last picture is .* s old"):
        camera.read()
    camera.close()
