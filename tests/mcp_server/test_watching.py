"""Who looks on: one trace an execution over all workers, and numbers that add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.testclient import TestClient

from mcp_server import http
from mcp_server.app import App
from mcp_server.metrics import Metrics
from mcp_server.settings import Settings
from mcp_server.telemetry import Tracing, provider_with_own_ids
from mcp_server.watching import watching
from storage.pool import Pool
from tests.workflow.house import House, house
from workflow.watch import Together, Unwatched, Watch


async def watched(home: House, watch: Watch) -> None:
    """Two workers that somebody looks at."""
    home.engine = replace(home.engine, watch=watch)
    for _ in range(2):
        await home.add_worker()


async def test_an_execution_and_all_that_it_starts_is_one_trace_over_all_workers(database: str, pool: Pool) -> None:
    spans = InMemorySpanExporter()
    provider = provider_with_own_ids()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    source = """
        x = MARK 1
        PARALLEL
        BRANCH a:
          y = MARK 2
        BRANCH b:
          z = ASK "fails"
        END PARALLEL
    """
    async with house(database, pool, workers=0) as home:
        await watched(home, Tracing(provider))
        first, second = [await home.start(source) for _ in range(2)]
        for execution in (first, second):
            assert (await home.ended(execution)).status == "failed"
    made = [span for span in spans.get_finished_spans() if span.context and span.context.trace_id == first.int]
    assert len(spans.get_finished_spans()) == 2 * len(made)
    by_id = {span.context.span_id: span for span in made if span.context}
    names = sorted(span.name for span in made)
    assert names == sorted(["test", "a", "b", "fails", "MARK", "MARK", "PARALLEL", "ASK", "REFUSE"])
    (root,) = [span for span in made if span.parent and span.parent.span_id not in by_id]
    assert root.name == "test" and root.context and root.context.span_id == first.int & (2**64 - 1)
    for span in made:
        assert span.start_time and span.end_time and span.start_time <= span.end_time
        if span is not root:
            assert span.parent and by_id[span.parent.span_id].name in {"test", "a", "b", "fails"}
    failed = {span.name for span in made if span.status.status_code is StatusCode.ERROR}
    assert failed == {"test", "b", "fails", "PARALLEL", "ASK", "REFUSE"}


async def test_the_numbers_add_up(database: str, pool: Pool) -> None:
    metrics = Metrics()
    async with house(database, pool, workers=0) as home:
        await watched(home, metrics)
        runs = [await home.start("FOR i = 1 TO 3\nx = MARK i\nNEXT") for _ in range(10)]
        for execution in runs:
            await home.ended(execution)
        await home.run('REFUSE "no"')
        stopped = await home.start("DELAY 60")
        await home.until(stopped, "waiting")
        text = (await metrics.page(home.operations)).decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values['botmcp_steps_total{keyword="MARK",outcome="ok"}']) == 30
    assert float(values['botmcp_steps_total{keyword="REFUSE",outcome="error"}']) == 1
    assert float(values['botmcp_executions_finished_total{status="completed"}']) == 10
    assert float(values['botmcp_executions_finished_total{status="failed"}']) == 1
    assert float(values['botmcp_executions{status="waiting"}']) == 1
    assert float(values["botmcp_claims_total"]) >= 12
    assert float(values["botmcp_commits_total"]) == float(values["botmcp_commit_seconds_count"]) > 0
    assert float(values["botmcp_commit_turns_sum"]) >= 31
    assert "botmcp_sweeper_repairs_total{" not in text


async def test_metrics_are_served_beside_mcp_and_guarded_like_it(app: App) -> None:
    watched_app = replace(app, metrics=Metrics(), settings=replace(app.settings, token="x" * 20))
    pages = http.application(watched_app)
    client = TestClient(pages, base_url="http://127.0.0.1")
    assert client.get("/metrics").status_code == 401
    pages = http.application(replace(app, metrics=None))
    assert TestClient(pages, base_url="http://127.0.0.1").get("/metrics").status_code == 404


def _kept_back(provider: object) -> None:
    pass


def test_nobody_looks_on_unless_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "set_tracer_provider", _kept_back)  # it can be set once in a process
    with watching(Settings(home=tmp_path), "worker") as (watch, metrics):
        assert isinstance(watch, Unwatched) and metrics is None
    with watching(Settings(home=tmp_path), "serve") as (watch, metrics):
        assert isinstance(watch, Together) and metrics is not None
    with watching(Settings(home=tmp_path, otel_endpoint="http://127.0.0.1:9"), "worker") as (watch, metrics):
        assert isinstance(watch, Together) and metrics is None
