"""One OpenTelemetry span for each request to a model, with the attributes of the GenAI conventions.

The API alone is used: without an SDK that somebody has set up, nothing is recorded and next to no time is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from smartrouter.attempts import Reading
from smartrouter.catalogue import Model
from smartrouter.failure import Failure

_tracer = trace.get_tracer("botmcp.smartrouter")


@contextmanager
def chat(model: Model, longest: int, call_id: str) -> Generator[Callable[[Reading], None]]:
    """The span of one request; call what it gives with the answer. The call's id tells whose request it is."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):  # nobody has set up an SDK
        yield _unheard
        return
    with _tracer.start_as_current_span(
        f"chat {model.short}", kind=SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
    ) as span:
        if not span.is_recording():
            yield _unheard
            return
        span.set_attribute("gen_ai.operation.name", "chat")
        span.set_attribute("gen_ai.provider.name", model.provider)
        span.set_attribute("gen_ai.request.model", model.short)
        span.set_attribute("botmcp.call", call_id)
        if longest:
            span.set_attribute("gen_ai.request.max_tokens", longest)
        if model.url:
            span.set_attribute("server.address", model.provider)

        def answered(found: Reading) -> None:
            span.set_attribute("gen_ai.usage.input_tokens", found.read)
            span.set_attribute("gen_ai.usage.output_tokens", found.written)
            span.set_attribute("gen_ai.response.finish_reasons", ["length" if found.truncated else "stop"])
            span.set_attribute("botmcp.cost", found.cost)
            if found.first is not None:
                span.set_attribute("gen_ai.response.time_to_first_chunk", found.first)

        try:
            yield answered
        except Failure as failure:
            span.set_attribute("error.type", failure.why)
            span.set_status(Status(StatusCode.ERROR, str(failure)))
            raise


def _unheard(found: Reading) -> None:
    return None
