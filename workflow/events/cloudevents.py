"""Events in the shape of CloudEvents 1.0, out and in.

`type` is the event's name, `source` who said it, `subject` its key, `id` its id; `tenant`, `sequence` and
`partitionkey` are extensions. (source, id) names an event: the same pair again is the same event.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from keywords.mistakes import WrongValue
from workflow.events.event import Event

VERSION = "1.0"
JSON = "application/json"
ONE, MANY = "application/cloudevents+json", "application/cloudevents-batch+json"
REQUIRED = ("specversion", "type", "source", "id")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What somebody outside says happened."""

    name: str
    data: Any
    key: str | None
    dedupe: str | None
    source: str | None
    tenant: str | None = None
    at: datetime | None = None


def written(event: Event) -> dict[str, Any]:
    """The event in the structured form."""
    found: dict[str, Any] = {
        "specversion": VERSION,
        "id": str(event.id),
        "source": event.source,
        "type": event.name,
        "time": event.time.isoformat(),
        "datacontenttype": JSON,
        "data": event.data,
        "tenant": str(event.tenant),
        "sequence": f"{int(event.xid):020}.{event.seq:020}",
    }
    if event.key:
        found |= {"subject": event.key, "partitionkey": event.key}
    return found


def read(content_type: str, headers: Mapping[str, str], body: bytes, name: str = "") -> list[Incoming]:
    """The events of a request: structured, a batch, binary (`ce-*` headers), or plain JSON for a given name."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == MANY:
        listed = _json(body)
        if not isinstance(listed, list):
            raise WrongValue("A batch of CloudEvents is a JSON list.")
        return [structured(one) for one in cast("list[Any]", listed)]
    if kind == ONE:
        return [structured(_json(body))]
    lower = {header.lower(): value for header, value in headers.items()}
    if "ce-specversion" in lower or "ce-type" in lower:
        attributes: dict[str, Any] = {h.removeprefix("ce-"): v for h, v in lower.items() if h.startswith("ce-")}
        attributes["data"] = _json(body) if body and (kind == JSON or kind.endswith("+json")) else _words(body)
        return [structured(attributes)]
    if kind != JSON:
        raise WrongValue(f"An event is sent as {ONE}, {MANY}, with ce- headers, or as {JSON} to /events/NAME.")
    given = _json(body) if body else None
    if isinstance(given, dict) and "specversion" in given:
        return [structured(cast("Any", given))]
    if not name:
        raise WrongValue("Whose event is this? Send it to /events/NAME, or as a CloudEvent with a type.")
    return [Incoming(name, given, None, None, None)]


def structured(given: Any) -> Incoming:
    """A CloudEvent; raises WrongValue that names what is missing."""
    if not isinstance(given, dict):
        raise WrongValue("A CloudEvent is a JSON object.")
    found = cast("dict[str, Any]", given)
    for name in REQUIRED:
        if not isinstance(found.get(name), str) or not found[name].strip():
            raise WrongValue(f"This CloudEvent has no {name}: it needs {', '.join(REQUIRED)}.")
    if found["specversion"] != VERSION:
        raise WrongValue(f"This CloudEvent has specversion {found['specversion'][:20]}; {VERSION} is understood.")
    data = found.get("data")
    if data is None and isinstance(found.get("data_base64"), str):
        try:
            data = _words(base64.b64decode(found["data_base64"], validate=True))
        except ValueError:
            raise WrongValue("data_base64 of this CloudEvent is not base64.") from None
    key = found.get("partitionkey") or found.get("subject")
    return Incoming(
        found["type"],
        data,
        str(key) if key else None,
        f"{found['source']} {found['id']}",
        found["source"],
        str(found["tenant"]) if found.get("tenant") else None,
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise WrongValue("The body is not JSON.") from None


def _words(body: bytes) -> str | None:
    try:
        return body.decode() or None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode()
