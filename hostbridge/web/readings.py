"""What pages, feeds and SOAP answers hold, read with the libraries that know them. Pure; it may take a while."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

import feedparser
import xmltodict
from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from keywords.host import Value
from keywords.mistakes import BadAnswer, WrongValue
from keywords.values import List, Object, RowSet, adopt, text

MOST = 10_000  # things taken from a page
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_NAME = re.compile(r"[A-Za-z_][\w.-]*")


def envelope(operation: str, arguments: Mapping[str, Value]) -> str:
    """A SOAP 1.1 request (W3C note SOAP, May 2000); raises WrongValue for names that XML does not know."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f"{''.join(_element(operation, Object(arguments)))}</soap:Body></soap:Envelope>"
    )


def _element(name: str, value: Value) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        raise WrongValue(f'"{name[:40]}" is no name in XML. Use letters and digits.')
    if isinstance(value, list):
        for item in value:
            yield from _element(name, item)
        return
    yield f"<{name}>"
    if isinstance(value, Object):
        for key, item in value.items():
            yield from _element(key, item)
    elif value is not None:
        yield escape(text(value))
    yield f"</{name}>"


def soap_body(status: int, answer: str) -> Value:
    """The first element in the body of a SOAP answer; raises BadAnswer for a fault or anything else."""
    try:
        parsed: Any = xmltodict.parse(answer, disable_entities=True)
    except (ExpatError, ValueError):
        raise BadAnswer(f"What answered {status} is no SOAP service.") from None
    body = _local(_local(parsed, "Envelope"), "Body")
    inner = {key: value for key, value in body.items() if not key.startswith("@")} if isinstance(body, dict) else {}
    if not inner:
        raise BadAnswer(f"The SOAP service answered {status} and nothing in it.")
    fault = _local(inner, "Fault")
    if fault is not None:
        reason = _local(fault, "faultstring") if isinstance(fault, dict) else fault
        said = reason.get("#text", "") if isinstance(reason, dict) else reason
        raise BadAnswer(f"The SOAP service refused the call: {said or 'it gives no reason'}.")
    return _plain(next(iter(inner.values())))


def _local(data: Any, name: str) -> Any:
    """The entry of that name in whatever namespace."""
    items: Mapping[str, Any] = data if isinstance(data, dict) else {}
    return next((value for key, value in items.items() if key.rpartition(":")[2] == name), None)


def _plain(data: Any) -> Value:
    """Without attributes and namespaces of names."""
    if isinstance(data, dict):
        found = {key.rpartition(":")[2]: _plain(value) for key, value in data.items() if key[:1] not in "@"}
        return found["#text"] if set(found) == {"#text"} else Object(found) if found else None
    return List(_plain(item) for item in data) if isinstance(data, list) else adopt(data)


def entries(feed: str, count: int) -> RowSet:
    """The entries of a feed; raises BadAnswer when it is none."""
    parsed: Any = feedparser.parse(feed)
    if not parsed.entries and parsed.bozo:
        raise BadAnswer("This is no feed: neither RSS nor Atom.")
    fields = ("title", "link", "summary", "published")
    return RowSet(
        Object((name, adopt(str(entry.get(name, "")))) for name in fields) for entry in parsed.entries[: max(0, count)]
    )


def picked(page: str, url: str, what: str, selector: str) -> Value:
    """What of a page is asked for; raises WrongValue for a selector that CSS does not know."""
    soup = BeautifulSoup(page, "html.parser")
    try:
        match what:
            case "rows":
                return _rows(soup, selector or "table")
            case "links":
                return _addresses(soup, selector or "a[href]", url, "href")
            case "images":
                return _addresses(soup, selector or "img[src]", url, "src")
            case "all":
                return List(_words(tag) for tag in soup.select(selector or "body", limit=MOST))
            case _:
                first = soup.select_one(selector or "body")
                return None if first is None else _words(first)
    except SelectorSyntaxError as error:
        raise WrongValue(f'"{selector[:60]}" is no CSS selector: {str(error).splitlines()[0]}') from None


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _addresses(soup: BeautifulSoup, selector: str, url: str, attribute: str) -> RowSet:
    found = RowSet()
    for tag in soup.select(selector, limit=MOST):
        target = tag.get(attribute)
        if isinstance(target, str):
            words = _words(tag) or str(tag.get("alt") or "")
            found.append(Object(text=words, url=urljoin(url, target)))
    return found


def _rows(soup: BeautifulSoup, selector: str) -> RowSet:
    table = soup.select_one(selector)
    lines = [[_words(cell) for cell in row.select("th, td")] for row in (table.select("tr") if table else ())][:MOST]
    if not lines:
        return RowSet()
    names = [name or f"column{place}" for place, name in enumerate(lines[0], 1)]
    return RowSet(Object(zip(names, line, strict=False)) for line in lines[1:])
