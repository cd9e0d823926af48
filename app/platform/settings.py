"""Settings from the environment (HNDP_...) or a `.env` file, validated when a process starts."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.platform.errors import StartUpError
from hndp_core.data.artefact_store import ArtefactStore

if TYPE_CHECKING:
    from hndp_core.robots.equipment import Equipment


class Settings(BaseSettings):
    """How this process runs. Every field is an environment variable with the prefix HNDP_."""

    model_config = SettingsConfigDict(env_prefix="HNDP_", env_file=".env", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="address that the web server listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port of the web server; 0 picks a free one")
    public_url: str = Field(
        default="", description="address of the studio in a browser; empty means host and port"
    )
    cell_port: int = Field(default=8100, ge=0, le=65535, description="port of the cell's live service")
    data_dir: Path = Field(
        default=Path("data"), description="folder of the SQLite database and the artefacts"
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL; empty means SQLite inside the data folder"
    )
    artefact_url: str = Field(
        default="", description="fsspec URL of the artefact store; empty means the data folder"
    )
    cell_name: str = Field(default="simulated", description="name of the cell that `hndp serve` starts")
    cell_attended: bool = Field(
        default=False,
        description="whether the simulated arm, too, moves only while an operator's page is there",
    )
    cell_robot: str = Field(default="simulated", description="arm of the cell: simulated, franka or panda-py")
    cell_robot_address: str = Field(
        default="", description="name or address of the arm's control unit, for panda-py"
    )
    cell_camera: str = Field(
        default="",
        repr=False,
        description="camera of the cell: 0, /dev/video2, rtsp://HOST/PATH; empty renders the simulated scene",
    )
    cell_gripper: bool = Field(default=False, description="whether the real arm has Franka's hand")
    simulation_speed: float = Field(
        default=0.0, ge=0.0, description="simulated seconds per second; 0 runs as fast as it computes"
    )
    label_grace_seconds: float = Field(
        default=5.0, ge=0.0, description="seconds in which the last label can be undone before gates are set"
    )
    keep_export_days: float = Field(
        default=7.0, gt=0.0, description="days that an exported file can be fetched"
    )
    keep_binned_days: float = Field(
        default=90.0,
        ge=0.0,
        description="days in the bin after which something is deleted for good; 0 keeps it for ever",
    )
    keep_cut_off_days: float = Field(
        default=90.0,
        ge=0.0,
        description="days that a recording which a crash cut off is offered; 0 offers it for ever",
    )
    keep_local_video_days: float = Field(
        default=0.0,
        ge=0.0,
        description="days that videos of local trials are kept, which nobody labels; 0 keeps them for ever",
    )
    session_key: str = Field(
        default="",
        repr=False,
        description="key that signs session cookies; empty means one made in the data folder",
    )
    sign_in_minutes: int = Field(
        default=60, ge=1, description="minutes that a printed sign-in link stays valid"
    )
    oidc_issuer: str = Field(
        default="", description="OpenID provider through which people may sign in; empty means none"
    )
    oidc_client_id: str = Field(default="", description="name of the studio at the provider")
    oidc_client_secret: str = Field(default="", repr=False, description="the studio's secret at the provider")
    oidc_name: str = Field(default="single sign-on", description="what pages call the provider")
    oidc_new_role: Literal["", "viewer", "operator", "researcher", "admin"] = Field(
        default="", description="role of whom the provider sends and nobody knows; empty refuses them"
    )

    @model_validator(mode="after")
    def _absolute_data_dir(self) -> Self:
        object.__setattr__(self, "data_dir", self.data_dir.expanduser().resolve())
        return self

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret):
            raise ValueError("HNDP_OIDC_ISSUER needs HNDP_OIDC_CLIENT_ID and HNDP_OIDC_CLIENT_SECRET")
        return self

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the studio by https, through a proxy that ends it."""
        return self.public_url.startswith("https://")

    @cached_property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'hndp.sqlite3'}"

    @cached_property
    def artefacts(self) -> ArtefactStore:
        return ArtefactStore(self.artefact_url or str(self.data_dir / "artefacts"))

    @cached_property
    def equipment(self) -> "Equipment":
        """Arm and camera of the cell.

        Raises:
            InvalidSetting: what does not fit together, or cannot be read.
        """
        from hndp_core.robots.camera_address import CameraAddress  # only a cell needs them
        from hndp_core.robots.equipment import Equipment, RobotKind

        return Equipment(
            robot=cast(RobotKind, self.cell_robot),
            robot_address=self.cell_robot_address,
            camera=CameraAddress.parse(self.cell_camera) if self.cell_camera else None,
            gripper=self.cell_gripper,
            simulation_speed=self.simulation_speed,
        )

    def url(self, path: str = "") -> str:
        """Address of a page as a browser on this machine opens it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return (self.public_url.rstrip("/") or f"http://{host}:{self.port}") + path


def load_settings(**given: Any) -> Settings:
    """Read the settings of this process.

    Args:
        given: settings of a command line, which go before the environment's; None: not given

    Raises:
        StartUpError: a value cannot be used; names the variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = [_told(each["loc"], each["msg"]) for each in error.errors()]
        raise StartUpError(f"A setting cannot be used. {'; '.join(problems)}.") from error


def _told(where: tuple[int | str, ...], message: str) -> str:
    """A problem with the variable that it lies in; one between several names them itself."""
    return f"HNDP_{str(where[0]).upper()}: {message}" if where else message
