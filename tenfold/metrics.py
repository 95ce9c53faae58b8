"""Numbers for Prometheus: counted as things happen, or asked of the database when someone scrapes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.db.models import Model, QuerySet
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tenfold.mailroom.models import HumanTask, Message
from tenfold.proofs.models import Proof

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_OURS = CollectorRegistry()

SCANS = Counter("tenfold_scans", "Scans by what was shown", ["outcome"], registry=_OURS)
SCAN_BATCHES = Counter("tenfold_scan_batches", "Commits of scans; each keeps a batch", registry=_OURS)
SCAN_SECONDS = Histogram(
    "tenfold_scan_seconds",
    "Time to answer the first scan of each batch, which waits longest, its commit included",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OURS,
)
HOOKS = Counter("tenfold_hooks", "Hooks by what became of them", ["outcome"], registry=_OURS)
OPEN_STREAMS = Gauge(
    "tenfold_open_streams", "Live streams held open", registry=_OURS, multiprocess_mode="livesum"
)
ProcessCollector(registry=_OURS)
PlatformCollector(registry=_OURS)


class _Waiting(Collector):
    """What is waiting, counted when asked: the same whichever process answers."""

    def collect(self) -> Iterator[Metric]:
        yield _count("messages_queued", "Messages to be delivered", Message.objects.filter(state="queued"))
        yield _count("human_tasks_open", "Tasks for a person", HumanTask.objects.filter(state="open"))
        yield _count("proofs_waiting", "Screenshots to be reviewed", Proof.objects.filter(state="waiting"))


def _count(name: str, told: str, rows: QuerySet[Model]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tenfold_{name}", told, value=rows.count())


def text() -> bytes:
    """All numbers in Prometheus' text form; of all worker processes where there are several. Asks the database."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_OURS)
    registry.register(_Waiting())
    return generate_latest(registry)
