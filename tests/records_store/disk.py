"""A disk whose power can be cut: an ext4 file system in a file, mounted by a loop device.

:meth:`Disk.cut` stops the file system as a power cut would: what was not flushed is gone, and
nothing can be written any more. :meth:`Disk.again` mounts it again, which replays its journal.
A process that is killed proves nothing here, since the kernel writes out what it left behind.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

_SHUTDOWN = 0x8004587D
"""``EXT4_IOC_SHUTDOWN``, from the kernel's fs/ext4/ext4.h."""
_NO_LOG_FLUSH = 2
"""Its flag ``EXT4_GOING_FLAGS_NOLOGFLUSH``: not even the journal is written out."""


class Disk:
    """One such disk, mounted at ``folder``; to be used in a ``with`` statement."""

    def __init__(self, megabytes: int) -> None:
        _check_machine()
        self._place = quick_folder()
        self._image = self._place / "image"
        self.folder = self._place / "mounted"
        self.folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        self._mounted = False
        self.again()

    def again(self) -> None:
        """Mount it, as after a restart."""
        _run("mount", "-o", "loop", str(self._image), str(self.folder))
        self._mounted = True
        self.folder.chmod(0o755)

    def cut(self) -> None:
        """Cut the power."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(handle)

    def off(self) -> None:
        """Unmount it; waits for processes that are about to end."""
        deadline = time.monotonic() + 20
        while True:
            try:
                _run("umount", str(self.folder))
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                self._mounted = False
                return

    def __enter__(self) -> Disk:
        return self

    def __exit__(self, *_: object) -> None:
        if self._mounted:
            self.off()
        shutil.rmtree(self._place)


def quick_folder() -> Path:
    """A new folder in memory where there is such a place; anybody may enter it."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="xinyong-", dir=memory if memory.is_dir() else None))
    made.chmod(0o755)
    return made


def _check_machine() -> None:
    missing = [tool for tool in ("mkfs.ext4", "mount", "umount") if shutil.which(tool) is None]
    if os.geteuid() != 0:
        missing.append("to be root")
    if not Path("/dev/loop-control").exists():
        missing.append("loop devices (/dev/loop-control)")
    if missing:
        pytest.fail(
            f"power cuts cannot be tried on this machine; missing: {', '.join(missing)}."
            " Run the tests as root on Linux with loop devices and e2fsprogs"
        )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip()}"
