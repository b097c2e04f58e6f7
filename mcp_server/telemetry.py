"""Traces for OpenTelemetry: an execution, with all that it starts, is one trace over all workers.

The trace's id is the id of the run that people know, the span of each execution has the second half of its id: so no
worker needs to tell another anything. Spans are made of what has become durable, after it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from workflow.turn import Line, Turn

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

NAME = "botmcp"
_own_id: ContextVar[int] = ContextVar("own_id", default=0)


class NoSdk(Exception):
    """Traces are wanted, and what sends them is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry's SDK is not installed. "
            'Install it (pip install "botmcp[otel]"), or unset the variable.'
        )


class Tracing:
    """Fulfils `workflow.watch.Watch`."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer(NAME)

    def claimed(self, executions: int) -> None:
        pass

    def committed(self, turns: Sequence[Turn], seconds: float) -> None:
        for turn in turns:
            root = turn.root or turn.id
            for line in turn.lines:
                if line.started is not None:
                    self._call(turn, root, line, line.started)
            if turn.finished and turn.began is not None:
                self._run(turn, root, turn.began)

    def repaired(self, what: str, count: int) -> None:
        pass

    def _call(self, turn: Turn, root: UUID, line: Line, started: datetime) -> None:
        entry = line.entry
        about: dict[str, str | int | float] = {
            "botmcp.execution": str(turn.id),
            "botmcp.tenant": str(turn.identity.tenant),
            "botmcp.call": entry.n,
            "botmcp.attempt": entry.attempt,
            "botmcp.step": entry.step,
            "code.lineno": entry.line,
        }
        aside = entry.given.aside if entry.given is not None else None
        if aside is not None and "why" in aside:
            about |= _asked_model(aside)
        span = self._tracer.start_span(
            entry.keyword, _below(root, turn.id), SpanKind.INTERNAL, about, start_time=_nanoseconds(started)
        )
        if entry.mistake is not None:
            span.set_status(Status(StatusCode.ERROR, entry.mistake.message))
        span.end(_nanoseconds(entry.ended))

    def _run(self, turn: Turn, root: UUID, began: datetime) -> None:
        about = {
            "botmcp.execution": str(turn.id),
            "botmcp.tenant": str(turn.identity.tenant),
            "botmcp.bot": turn.identity.bot_name,
            "botmcp.status": turn.status,
        }
        above = _below(root, turn.parent) if turn.parent else _below(root, None)
        token = _own_id.set(_span_id(turn.id))
        try:
            span = self._tracer.start_span(
                turn.name or "execution", above, SpanKind.INTERNAL, about, start_time=_nanoseconds(began)
            )
        finally:
            _own_id.reset(token)
        if turn.status == "failed":
            span.set_status(Status(StatusCode.ERROR))
        span.end(_nanoseconds(turn.at))


def provider_to(endpoint: str) -> TracerProvider:
    """A provider that sends spans to this OTLP endpoint; raises NoSdk."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise NoSdk from None
    provider = provider_with_own_ids()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    return provider


def provider_with_own_ids() -> TracerProvider:
    """A provider whose spans of executions have the ids that follow from the executions; raises NoSdk."""
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError:
        raise NoSdk from None

    class OwnIds(RandomIdGenerator):
        def generate_span_id(self) -> int:
            return _own_id.get() or super().generate_span_id()

    return TracerProvider(id_generator=OwnIds(), resource=Resource.create({"service.name": NAME}))


def used_by_all(provider: TracerProvider) -> None:
    """Spans that others make go there, too: those of each request to a model. Whoever set up one first keeps it."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        trace.set_tracer_provider(provider)


def _asked_model(told: Mapping[str, Any]) -> dict[str, str | int | float]:
    """What the journal keeps of a model's answer, in the words of the GenAI conventions."""
    found = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": told.get("provider"),
        "gen_ai.response.model": told.get("model"),
        "gen_ai.usage.input_tokens": told.get("input_tokens"),
        "gen_ai.usage.output_tokens": told.get("output_tokens"),
        "botmcp.cost": told.get("cost"),
        "botmcp.task": told.get("task"),
        "botmcp.why": told.get("why"),
    }
    return {name: value for name, value in found.items() if isinstance(value, str | int | float)}


def _below(root: UUID, execution: UUID | None) -> Context:
    """In the trace of this root, below this execution's span; the root's own span stands below one of no substance."""
    above = _span_id(execution) if execution else _span_id(root) ^ 1
    context = SpanContext(root.int, above, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.set_span_in_context(NonRecordingSpan(context), Context())


def _span_id(execution: UUID) -> int:
    return (execution.int & (2**64 - 1)) or 1


def _nanoseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000_000) * 1_000
