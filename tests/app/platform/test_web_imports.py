import subprocess
import sys

CHECK = """
import sys
from pathlib import Path
from app.main import create_app
from app.platform.settings import Settings
create_app(Settings(data_dir=Path(sys.argv[1])))
import app.platform.web_server
heavy = sorted({name.split(".")[0] for name in sys.modules} & {"torch", "mujoco", "mink", "av"})
sys.exit(f"the web process imports {heavy}" if heavy else 0)
"""


def test_web_process_imports_neither_torch_nor_mujoco(tmp_path: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-c", CHECK, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stderr
