"""Who looks on while this process works: Prometheus where somebody can ask, OpenTelemetry where traces are wanted."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mcp_server.settings import Settings
from workflow.watch import Together, Unwatched, Watch

if TYPE_CHECKING:
    from mcp_server.metrics import Metrics


@contextmanager
def watching(settings: Settings, role: str) -> Generator[tuple[Watch, Metrics | None]]:
    """Looks on as long as this lasts; what is not wanted is not imported. Raises NoSdk."""
    watches: list[Watch] = []
    metrics = None
    if role == "serve" or (role in ("worker", "background") and settings.metrics_port):
        from mcp_server.metrics import Metrics

        metrics = Metrics()
        watches.append(metrics)
        if role != "serve":
            metrics.listen(settings.metrics_port)
    provider = None
    if settings.otel_endpoint and role != "look":
        from mcp_server.telemetry import Tracing, provider_to, used_by_all

        provider = provider_to(settings.otel_endpoint)
        used_by_all(provider)
        watches.append(Tracing(provider))
    try:
        yield (Together(watches) if watches else Unwatched()), metrics
    finally:
        if provider is not None:
            provider.shutdown()
