"""Figures for Prometheus: requests by operation and status, their times, the ledger's size."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"


class Figures:
    """The figures of one process; no label names a person."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "xinyong_requests", "Requests served", ["operation", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "xinyong_request_seconds",
            "Time from request to answer",
            ["operation"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
            registry=self.registry,
        )
        self._counted: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._entries = Gauge(
            "xinyong_ledger_entries", "Entries in the ledger", registry=self.registry
        )
        self._stopped = Gauge(
            "xinyong_store_stopped",
            "1 where the store acknowledges nothing",
            registry=self.registry,
        )

        self._alarms = Gauge(
            "xinyong_open_alarms",
            "Partners who asked about too much that is not theirs, not yet looked at",
            registry=self.registry,
        )

    def served(self, operation: str, status: int, seconds: float) -> None:
        """Count one request."""
        counted = self._counted.get((operation, status))
        if counted is None:
            counted = self._requests.labels(operation, str(status)), self._seconds.labels(operation)
            self._counted[operation, status] = counted
        counted[0].inc()
        counted[1].observe(seconds)

    def page(self, entries: int, stopped: bool, alarms: int = 0) -> bytes:
        """All figures as Prometheus reads them."""
        self._alarms.set(alarms)
        self._entries.set(entries)
        self._stopped.set(int(stopped))
        return generate_latest(self.registry)


__all__ = ["MEDIA", "Figures"]
