"""The process: a house opened, logs set up, the server run."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from fastapi import FastAPI

from xinyong.service.app import create_app
from xinyong.service.house import open_house
from xinyong.service.worker import Worker, open_again

FOLDER: Final = "XINYONG_SERVICE"
"""Environment variable that names the service's folder, for server processes."""


def set_up_logs(level: str = "info") -> None:
    """One JSON object a line on standard error; nothing in it names a person."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=os.fdopen(2, "w", closefd=False)),
        cache_logger_on_first_use=True,
    )


def app() -> FastAPI:
    """The application of the folder named in the environment; one house for each process."""
    set_up_logs(os.environ.get("XINYONG_LOG", "info"))
    house = open_house(Path(os.environ[FOLDER]), apart=True)
    made = create_app(house)
    # Who keeps the clocks may be another process; this one's store it alone can open again.
    only = None if os.environ.get("XINYONG_WORKER", "1") == "1" else (open_again,)
    _with_worker(made, Worker(house, only))
    _rarely_collect()
    return made


def _rarely_collect() -> None:
    """Leave what was loaded out of every search for garbage, and search less often.

    Requests leave hardly any cycles behind, and each search walks through all objects there are.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _with_worker(made: FastAPI, worker: Worker) -> None:
    inner = made.router.lifespan_context

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            worker.start()
            try:
                yield state
            finally:
                worker.stop()

    made.router.lifespan_context = life


def serve(
    folder: Path,
    *,
    host: str,
    port: int,
    workers: int = 1,
    certificate: Path | None = None,
    key: Path | None = None,
    worker: bool = True,
    log: str = "info",
) -> None:
    """Serve until told to stop; requests that run are finished first."""
    import uvicorn

    from xinyong.service.arriving import BoundedProtocol

    os.environ |= {FOLDER: str(folder), "XINYONG_LOG": log, "XINYONG_WORKER": str(int(worker))}
    uvicorn.run(
        "xinyong.service.main:app",
        factory=True,
        http=BoundedProtocol,
        ws="none",
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=30,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


__all__ = ["FOLDER", "app", "serve", "set_up_logs"]
