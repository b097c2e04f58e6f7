"""A value's fingerprint: equal for equal values, and nothing can be read from it."""

from __future__ import annotations

import hashlib
import json

from keywords.encode import plain
from keywords.host import Value


def fingerprint(value: Value) -> str:
    """Names the value: by it an answer is found again that a program wants to rate."""
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
