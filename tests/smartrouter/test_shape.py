"""Answers in a shape fit it, and a schema that is none is refused before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from keywords.mistakes import LimitReached, WrongValue
from smartrouter.shape import Misfit, Shape

NUMBERED = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.parametrize(
    "text",
    ['{"n": 1}', ' {"n": 1}\n', '```json\n{"n": 1}\n```', 'Here you are: {"n": 1} as asked.', '```\n{"n": 1}```'],
)
def test_json_is_found_in_what_a_model_writes(text: str) -> None:
    assert Shape(NUMBERED).value(text) == {"n": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("none", "it is not JSON"),
        ("[1]", "at the top: \\[1\\] is not of type 'object'"),
        ('{"n": "one"}', "at n: 'one' is not of type 'integer'"),
        ("{}", "'n' is a required property"),
        ('{"n": NaN}', "not JSON"),
        ("[" * 100_000, "nested too deep|not JSON"),
    ],
)
def test_what_does_not_fit_says_where(text: str, words: str) -> None:
    with pytest.raises(Misfit, match=words):
        Shape(NUMBERED).value(text)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("text", "needs an object"),
        ({}, "needs an object"),
        ({"type": "objekt"}, "at type, 'objekt' is not valid"),
        ({"properties": 3}, "at properties, 3 is not of type 'object'"),
        ({"name": "string"}, "name mean nothing in one"),
        ({"$ref": "https://example.com/schema"}, "leads out of the schema"),
        ({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}, "leads out of the schema"),
    ],
)
def test_a_schema_that_is_none_says_what_would_be_one(schema: Any, words: str) -> None:
    with pytest.raises(WrongValue, match=words):
        Shape(schema)


def test_a_schema_has_limits() -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(60):
        deep = {"type": "object", "properties": {"a": deep}}
    with pytest.raises(LimitReached, match="nested at most"):
        Shape(deep)
    with pytest.raises(LimitReached, match="at most 64 KB"):
        Shape({"type": "string", "enum": ["x" * 70_000]})


def test_a_pattern_that_would_take_for_ever_is_left_to_the_provider() -> None:
    shape = Shape({"type": "string", "pattern": "^(a+)+$"})
    assert shape.value('"' + "a" * 5000 + '!"').endswith("!")


def test_references_within_a_schema_work() -> None:
    shape = Shape({"$defs": {"n": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/n"}})
    assert shape.value("[1, 2]") == [1, 2]
    with pytest.raises(Misfit, match=r"at \[1\]"):
        shape.value('[1, "2"]')
