"""Each request to a model is a span in the words of the GenAI conventions, where somebody has set up an SDK."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.responses import Response, StreamingResponse

from keywords.host import ModelRequest, ProgramText
from mcp_server.settings import read
from mcp_server.telemetry import Tracing
from mcp_server.watching import watching
from smartrouter import spans
from smartrouter.catalogue import Model
from smartrouter.router import LitellmModels
from storage.pool import Pool
from tests.model_server import Body, ModelServer, fails, model_server, says
from tests.workflow.house import OWNER, house

KEY = "sk-planted-0123456789abcdef"
SECRET = "the launch code is 4711"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What an SDK gets that is set up for as long as the test lasts."""
    made, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(spans, "_tracer", provider.get_tracer("botmcp.smartrouter"))
    yield made
    provider.shutdown()


def router(server: ModelServer, **wishes: Any) -> LitellmModels:
    listed = [Model(f"openai/{name}", server.url, KEY, 1.0, 2.0) for name in ("one", "two")]
    return LitellmModels(listed, os.environ, **wishes)


def about(span: ReadableSpan) -> Mapping[str, Any]:
    return dict(span.attributes or {})


async def test_a_request_and_the_one_that_failed_before_it_are_spans(
    server: ModelServer, seen: InMemorySpanExporter
) -> None:
    server.script.extend((fails(503), says("yes")))
    await router(server).answer(ModelRequest(({"role": "user", "content": SECRET},)), "e:0:1")
    failed, answered = seen.get_finished_spans()
    assert (failed.name, answered.name) == ("chat one", "chat two")
    assert failed.kind is answered.kind is SpanKind.CLIENT
    assert failed.status.status_code is StatusCode.ERROR and about(failed)["error.type"] == "failed"
    told = about(answered)
    assert answered.status.status_code is StatusCode.UNSET
    assert told["gen_ai.operation.name"] == "chat" and told["gen_ai.request.model"] == "two"
    assert told["gen_ai.provider.name"] == told["server.address"] == about(failed)["gen_ai.provider.name"]
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (11, 7)
    assert told["gen_ai.response.finish_reasons"] == ("stop",)
    assert told["botmcp.cost"] == pytest.approx(25e-6) and told["botmcp.call"] == "e:0:1"
    everything = "".join(span.to_json() for span in (failed, answered))
    assert KEY not in everything and SECRET not in everything


async def test_the_first_piece_of_a_stream_is_timed(server: ModelServer, seen: InMemorySpanExporter) -> None:
    def streamed(body: Body) -> Response:
        chunk = '{"id":"1","object":"chat.completion.chunk","created":1,"model":"one","choices":[%s]}'
        parts = [chunk % f'{{"index":0,"delta":{{"role":"assistant","content":"{word}"}}}}' for word in ("one ", "two")]
        parts += [chunk % '{"index":0,"delta":{},"finish_reason":"stop"}', "[DONE]"]
        return StreamingResponse((f"data: {part}\n\n" for part in parts), media_type="text/event-stream")

    server.script.append(streamed)
    heard: list[str] = []
    await router(server).answer(
        ModelRequest(({"role": "user", "content": "Count"},), max_cost=0.1, pieces=heard.append), "e:0:1"
    )
    [span] = seen.get_finished_spans()
    assert heard and about(span)["gen_ai.response.time_to_first_chunk"] > 0
    assert about(span)["gen_ai.request.max_tokens"] > 0, "what MAX_COST buys"


async def test_the_step_that_asked_says_so_in_the_trace_of_its_execution(
    database: str, pool: Pool, server: ModelServer, seen: InMemorySpanExporter
) -> None:
    server.script.append(says("42"))
    watch = Tracing(trace.get_tracer_provider())
    async with house(database, pool, models=router(server, pool=pool), workers=0) as made:
        made.engine = replace(made.engine, watch=watch)
        await made.add_worker()
        execution = await made.operations.start(OWNER, ProgramText('RETURN LLM "What is it?"\n', "test"))
        detail = await made.over(execution)
        assert detail.result == "42"
    [step] = [span for span in seen.get_finished_spans() if span.name == "LLM"]
    assert step.context and step.context.trace_id == execution.int
    told = about(step)
    assert told["gen_ai.operation.name"] == "chat" and told["gen_ai.response.model"].startswith("openai/one")
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (11, 7)
    [request] = [span for span in seen.get_finished_spans() if span.name == "chat one"]
    assert str(about(request)["botmcp.call"]).startswith(str(execution))


def test_where_traces_are_sent_the_requests_to_models_are_sent_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up: list[object] = []
    monkeypatch.setattr(trace, "set_tracer_provider", set_up.append)
    settings = read({"BOTMCP_HOME": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    with watching(settings, "worker"):
        assert isinstance(set_up[0], TracerProvider)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: set_up[0])
    with watching(settings, "worker"):
        assert len(set_up) == 1, "whoever set one up first keeps it"
