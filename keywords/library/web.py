"""HTTP requests, web pages and the weather."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="web", effect=Effect.IDEMPOTENT)

KEYWORDS = (
    _act(
        "POST {url} [, {data}]",
        "POST {url:many} WITH {fields:pairs}",
        summary="Send data to a URL and answer what it answers.",
        example='POST "https://example.com/orders", order',
    ),
    *(
        _act(
            f"{verb} {{url}} [, {{data}}]",
            f"{verb} {{url}} WITH {{fields:pairs}}",
            summary=f"Send data to a URL with HTTP {verb}.",
            example=f'{verb} "https://example.com/orders/7", order',
        )
        for verb in ("PUT", "PATCH")
    ),
    _act(
        "DELETE HTTP {url:many}",
        summary="Delete what is at a URL.",
        example='DELETE HTTP "https://example.com/orders/7"',
    ),
    _act(
        "SET HEADER {name} = {value}",
        "SET HEADER {name} AS {value}",
        "SET HEADER {name}, {value}",
        summary="Send a header with every request from here on.",
        example='SET HEADER "Accept" = "application/json"',
        value=False,
    ),
    _act("CLEAR HEADERS", summary="Send no headers of our own any more.", example="CLEAR HEADERS", value=False),
    _act("GRAPHQL {url}, {query} [, {variables}]", summary="Ask a GraphQL server.", example="GRAPHQL url, query"),
    _act("SOAP {url}, {operation} [, {arguments}]", summary="Call a SOAP service.", example='SOAP url, "GetOrder"'),
    _act("RSS {url} [, {count}]", summary="The entries of a feed.", example='RSS "https://example.com/feed"'),
    *(
        _act(
            f"{phrase} {{url}} [, {{selector:many}}]",
            summary=f"Fetch a page and answer {what}.",
            example=f'{phrase} "https://example.com", "h1"',
        )
        for phrase, what in (
            ("SCRAPE", "the text of the first element that fits"),
            ("SCRAPE ALL", "the texts of all elements that fit"),
            ("SCRAPE TABLE", "the rows of a table in it"),
            ("SCRAPE LINKS", "its links"),
            ("SCRAPE IMAGES", "its pictures"),
        )
    ),
    _act("WEATHER {place:many}", summary="The weather at a place now.", example='WEATHER "Lisbon"'),
    _act("FORECAST {place} [, {days}]", summary="The weather of the next days.", example='FORECAST "Lisbon", 3'),
    _act(
        "WEBHOOK POST {url} WITH {data}",
        summary="Call somebody else's webhook.",
        example='WEBHOOK POST "https://example.com/hook" WITH order',
    ),
)
