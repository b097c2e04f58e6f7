"""HTTP requests, feeds and web pages."""

from __future__ import annotations

import json
import re

from keywords.effect_kinds import HEADER_SET
from keywords.encode import read_json
from keywords.function import whole, words
from keywords.host import Fetched, Host, Moment, Recorded, Value, Web
from keywords.mistakes import BadAnswer, Refused, SyntaxMistake, WrongValue
from keywords.registry import Effect, Keyword, keyword
from keywords.values import Object, is_container, plain, text

FLAT = 20_000  # characters of an answer whose fields can be read as if they were the answer's own
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # a token of RFC 9110


def web_of(host: Host) -> Web:
    """The web, as this engine reaches it; raises Refused where it was opened without one."""
    if host.services.web is None:
        raise Refused("There is no web here: this engine was opened without one.")
    return host.services.web


# -- requests ----------------------------------------------------------------------------------------------------------


@keyword(
    "POST {url} [, {data}]",
    "POST {url} WITH {fields:pairs}",
    effect=Effect.IDEMPOTENT,
    example='POST "https://example.com/orders", order',
    group="web",
)
async def post(host: Host, url: Value, data: Value = None, fields: Value = None) -> Value:
    """Send data to a URL and answer `{status, statusText, headers, data}`; data is read where it is JSON.

    An object or a list is sent as JSON, a text as it is. The fields of a small `data` are also fields of the answer.
    """
    return await _sent(host, "POST", url, data if fields is None else fields)


@keyword(
    "PUT {url} [, {data}]",
    "PUT {url} WITH {fields:pairs}",
    effect=Effect.IDEMPOTENT,
    example='PUT "https://example.com/orders/7", order',
    group="web",
)
async def put(host: Host, url: Value, data: Value = None, fields: Value = None) -> Value:
    """Send data to a URL with HTTP PUT; the answer is that of POST."""
    return await _sent(host, "PUT", url, data if fields is None else fields)


@keyword(
    "PATCH {url} [, {data}]",
    "PATCH {url} WITH {fields:pairs}",
    effect=Effect.IDEMPOTENT,
    example='PATCH "https://example.com/orders/7", order',
    group="web",
)
async def patch(host: Host, url: Value, data: Value = None, fields: Value = None) -> Value:
    """Send data to a URL with HTTP PATCH; the answer is that of POST."""
    return await _sent(host, "PATCH", url, data if fields is None else fields)


@keyword(
    "DELETE HTTP {url} [, {data}]",
    effect=Effect.IDEMPOTENT,
    example='DELETE HTTP "https://example.com/orders/7"',
    group="web",
)
async def delete_http(host: Host, url: Value, data: Value = None) -> Value:
    """Delete what is at a URL; the answer is that of POST."""
    return await _sent(host, "DELETE", url, data)


@keyword(
    "WEBHOOK POST {url} WITH {data}",
    effect=Effect.IDEMPOTENT,
    example='WEBHOOK POST "https://example.com/hook" WITH order',
    group="web",
)
async def webhook_post(host: Host, url: Value, data: Value) -> Value:
    """Call somebody else's webhook; the answer is that of POST."""
    return await _sent(host, "POST", url, data)


@keyword("GRAPHQL {url}, {query} [, {variables}]", effect=Effect.IDEMPOTENT, example="GRAPHQL url, query", group="web")
async def graphql(host: Host, url: Value, query: Value, variables: Value = None) -> Value:
    """Ask a GraphQL server: `{status, data}`. What it lists as errors is an error."""
    asked = Object(query=words(query), variables=variables if isinstance(variables, Object) else Object())
    answer = await _sent(host, "POST", url, asked)
    said = answer["data"]
    errors = said.get("errors") if isinstance(said, Object) else None
    if errors:
        first = errors[0] if isinstance(errors, list) else errors
        words_ = first.get("message", "") if isinstance(first, Object) else text(first)
        raise BadAnswer(f"The GraphQL server refused the query: {text(words_)}")
    if not isinstance(said, Object) or "data" not in said:
        raise BadAnswer(f"What answered {answer['status']} is no GraphQL server.")
    return Object(status=answer["status"], data=said["data"])


@keyword(
    "SOAP {url}, {operation} [, {arguments}]", effect=Effect.IDEMPOTENT, example='SOAP url, "GetOrder"', group="web"
)
async def soap(host: Host, url: Value, operation: Value, arguments: Value = None) -> Value:
    """Call an operation of a SOAP 1.1 service: `{status, data}`, with what stands in the body of its answer."""
    given = arguments if isinstance(arguments, Object) else Object()
    data = await web_of(host).soap(host.moment, words(url), words(operation), given)
    return Object(status=200, data=data)


@keyword("RSS {url} [, {count}]", effect=Effect.READ, example='RSS "https://example.com/feed"', group="web")
async def rss(host: Host, url: Value, count: Value = None) -> Value:
    """The entries of a feed, at most 10 unless a number says otherwise, each `{title, link, summary, published}`."""
    return await web_of(host).feed(host.moment, words(url), 10 if count is None else whole(count))


def _scrape(phrase: str, what: str, summary: str, *, selected: bool) -> Keyword:
    async def scrape(host: Host, url: Value, selector: Value = None) -> Value:
        chosen = words(selector) if selector is not None else ""
        return await web_of(host).picked(host.moment, words(url), what, chosen)

    scrape.__doc__ = summary
    form = f"{phrase} {{url}} [, {{selector}}]"
    example = f'{phrase} "https://example.com"' + (', "h1"' if selected else "")
    return keyword(form, effect=Effect.READ, example=example, group="web")(scrape)


SCRAPES = (
    _scrape("SCRAPE", "first", "The text of the first element of a page that fits a CSS selector.", selected=True),
    _scrape("SCRAPE ALL", "all", "The texts of all elements of a page that fit a CSS selector.", selected=True),
    _scrape("SCRAPE TABLE", "rows", "The rows of the first table of a page, as objects.", selected=False),
    _scrape("SCRAPE LINKS", "links", "The links of a page, each `{text, url}`.", selected=False),
    _scrape("SCRAPE IMAGES", "images", "The pictures of a page, each `{text, url}`.", selected=False),
)


# -- headers -----------------------------------------------------------------------------------------------------------


@keyword(
    "SET HEADER {name} = {value}",
    "SET HEADER {name} AS {value}",
    "SET HEADER {name}, {value}",
    effect=Effect.RECORD,
    example='SET HEADER "Accept" = "application/json"',
    group="web",
    value=False,
)
def set_header(moment: Moment, name: Value, value: Value) -> Recorded:
    """Send a header with every request of this run from here on. It is never shown or journalled."""
    named, said = words(name).strip(), text(value)
    if not _HEADER.fullmatch(named):
        raise WrongValue(f'"{named[:40]}" is no name of a header.')
    if len(said) > 8_000 or not all(character.isprintable() for character in said):
        raise WrongValue(f"The header {named} takes one line of at most 8,000 characters.")
    if named.casefold() in ("host", "content-length", "transfer-encoding", "connection"):
        raise Refused(f"The header {named} is ours to set.")
    return Recorded(None, (HEADER_SET.row(name=named, value=said),))


@keyword("CLEAR HEADERS", effect=Effect.RECORD, example="CLEAR HEADERS", group="web", value=False)
def clear_headers(moment: Moment) -> Recorded:
    """Send no headers of our own any more."""
    return Recorded(None, (HEADER_SET.row(name=None, value=None),))


# -- inside ------------------------------------------------------------------------------------------------------------


async def _sent(host: Host, method: str, url: Value, data: Value) -> Object:
    body, kind = None, "application/json"
    if data is not None:
        body = json.dumps(plain(data), ensure_ascii=False) if is_container(data) else text(data)
        if isinstance(data, str) and not data.lstrip().startswith(("{", "[")):
            kind = "text/plain; charset=utf-8"
    answer = await web_of(host).fetched(host.moment, method, words(url), body, kind)
    read = _read(answer)
    told = Object(status=answer.status, statusText=answer.reason, headers=Object(answer.headers), data=read)
    if isinstance(read, Object) and len(answer.text) <= FLAT:
        taken = {name.casefold() for name in told}
        told.update({name: value for name, value in read.items() if name.casefold() not in taken})
    return told


def _read(answer: Fetched) -> Value:
    """The body as a value where it is JSON, else as text."""
    if "json" in answer.headers.get("content-type", "") or answer.text.lstrip().startswith(("{", "[")):
        try:
            return read_json(answer.text)
        except (SyntaxMistake, WrongValue):
            return answer.text
    return answer.text


KEYWORDS: tuple[Keyword, ...] = (
    post,
    put,
    patch,
    delete_http,
    webhook_post,
    graphql,
    soap,
    set_header,
    clear_headers,
    rss,
    *SCRAPES,
)
