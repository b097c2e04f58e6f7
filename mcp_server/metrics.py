"""Numbers for Prometheus, at the engine's seams: what this process did, and how all executions stand."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest, start_http_server

from workflow.operations import Operations
from workflow.turn import STATUSES, Turn

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400)
CONTENT_TYPE = CONTENT_TYPE_LATEST
SIZES = (1, 2, 5, 10, 20, 50, 100, 200)


class Metrics:
    """Fulfils `workflow.watch.Watch`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._claims = Counter("botmcp_claims", "Executions claimed by this process.", registry=own)
        self._commits = Counter("botmcp_commits", "Group commits written by this process.", registry=own)
        self._commit_seconds = Histogram("botmcp_commit_seconds", "Time of a commit.", buckets=SECONDS, registry=own)
        self._sizes = Histogram("botmcp_commit_turns", "Executions in a commit.", buckets=SIZES, registry=own)
        self._steps = Counter(
            "botmcp_steps", "Journalled calls, by keyword and outcome.", ["keyword", "outcome"], registry=own
        )
        self._step_seconds = Histogram(
            "botmcp_step_seconds",
            "From the beginning of a call to its answer, waits included.",
            buckets=SECONDS,
            registry=own,
        )
        self._finished = Counter(
            "botmcp_executions_finished", "Executions that ended here, by status.", ["status"], registry=own
        )
        self._repairs = Counter(
            "botmcp_sweeper_repairs", "Rows the sweeper repaired; should stay 0.", ["what"], registry=own
        )
        self._live = Gauge(
            "botmcp_executions", "Live executions of all processes, by status.", ["status"], registry=own
        )
        self._oldest = Gauge(
            "botmcp_queue_oldest_seconds", "How long the oldest ready execution has waited.", registry=own
        )
        self._schedules = Gauge("botmcp_schedules_active", "Active schedules.", registry=own)

    def claimed(self, executions: int) -> None:
        self._claims.inc(executions)

    def committed(self, turns: Sequence[Turn], seconds: float) -> None:
        self._commits.inc()
        self._commit_seconds.observe(seconds)
        self._sizes.observe(len(turns))
        for turn in turns:
            for line in turn.lines:
                self._steps.labels(line.entry.keyword, "error" if line.entry.mistake else "ok").inc()
                if line.started is not None:
                    self._step_seconds.observe(max(0.0, (line.entry.ended - line.started).total_seconds()))
            if turn.finished:
                self._finished.labels(turn.status).inc()

    def repaired(self, what: str, count: int) -> None:
        self._repairs.labels(what).inc(count)

    def listen(self, port: int) -> None:
        """Answer /metrics on a loopback port of its own, in a thread, as long as the process lives."""
        start_http_server(port, "127.0.0.1", self.registry)

    async def page(self, operations: Operations) -> bytes:
        """All of it as text; how executions stand is asked of the database now."""
        census = await operations.census()
        for status in STATUSES[:5]:
            self._live.labels(status).set(census.live.get(status, 0))
        self._oldest.set(census.oldest_ready)
        self._schedules.set(await operations.scheduled())
        return generate_latest(self.registry)
