"""Requests to addresses that strangers name: they go where anybody may go, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from storage.outgoing import Forbidden, Outgoing, OutgoingError, TooLarge, Unreachable
from tests.site import Site, website

PRIVATE = (
    "127.0.0.1 localhost [::1] 0.0.0.0 10.0.0.5 192.168.1.1 172.16.0.1 169.254.169.254 [::ffff:10.0.0.1] [fd00::1] "
    "[fe80::1] 100.64.0.1 [64:ff9b::7f00:1] [2002:7f00:1::] 224.0.0.1"
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with website() as made:
        yield made


def pointing(*addresses: str) -> Outgoing:
    """Where every name leads to these addresses, one after the other."""
    left = list(addresses)

    async def resolver(host: str, port: int) -> Sequence[str]:
        return [left.pop(0) if len(left) > 1 else left[0]]

    return Outgoing(resolver=resolver)


async def test_an_allowed_host_is_asked_and_answers(site: Site) -> None:
    answer = await Outgoing(["127.0.0.0/8"]).request(
        "POST", f"{site.url}/orders?q=1", headers={"X-Key": "abc"}, content=b'{"a": 1}'
    )
    assert (answer.status, answer.reason, answer.text()) == (404, "Gone", "olá!")
    assert site.asked[0].startswith("POST /orders?q=1 HTTP/1.1") and site.asked[0].endswith('{"a": 1}')
    assert "x-key: abc" in site.asked[0].lower()


@pytest.mark.parametrize("host", PRIVATE.split())
async def test_private_addresses_are_refused(host: str) -> None:
    with pytest.raises(Forbidden, match="private address"):
        await Outgoing().request("GET", f"http://{host}/")


async def test_headers_of_the_caller_stay_with_the_server_that_they_are_for(site: Site) -> None:
    given = {"X-API-Key": "s3cret", "Authorization": "Bearer s3cret", "Accept": "text/plain"}
    door = Outgoing(["127.0.0.0/8", "localhost"])
    await door.request("GET", f"{site.url}/to/http://localhost:{site.port}/there", headers=given)
    await door.request("GET", f"{site.url}/to/{site.url}/there", headers=given)
    _, away, _, back = site.asked
    assert (
        "s3cret" not in away and "accept: text/plain" in away.lower() and f"host: localhost:{site.port}" in away.lower()
    )
    assert "x-api-key: s3cret" in back.lower(), "the same server may see them again"


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
async def test_an_address_in_another_notation_is_no_way_round(site: Site, written: str) -> None:
    with pytest.raises(OutgoingError):
        await Outgoing().request("GET", f"http://{written}:{site.port}/")
    assert site.asked == []


async def test_a_name_that_leads_inside_is_refused(site: Site) -> None:
    with pytest.raises(Forbidden, match=r"shop\.example is a private address"):
        await pointing("127.0.0.1").request("GET", f"http://shop.example:{site.port}/")
    assert site.asked == []


async def test_a_name_is_refused_when_any_of_its_addresses_leads_inside(site: Site) -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(Forbidden, match=r"shop\.example is a private address"):
        await Outgoing(resolver=both).request("GET", f"http://shop.example:{site.port}/")
    assert site.asked == []


async def test_a_redirect_to_the_inside_is_refused(site: Site) -> None:
    outgoing = Outgoing(["open.example"], resolver=_loopback)
    with pytest.raises(Forbidden):
        await outgoing.request("GET", f"http://open.example:{site.port}/to/http://169.254.169.254/latest")
    with pytest.raises(Forbidden):
        await outgoing.request("GET", f"http://open.example:{site.port}/to/http://inside.example:{site.port}/x")
    assert len(site.asked) == 2


async def test_a_redirect_to_an_open_host_is_followed(site: Site) -> None:
    outgoing = Outgoing(["open.example"], resolver=_loopback)
    answer = await outgoing.request("GET", f"http://open.example:{site.port}/to//there")
    assert answer.url == f"http://open.example:{site.port}/there"
    assert f"host: open.example:{site.port}" in site.asked[1].lower()


async def _loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("path", ["/huge", "/endless", "/packed"])
async def test_an_answer_beyond_the_limit_is_not_taken(site: Site, path: str) -> None:
    with pytest.raises(TooLarge, match="bytes"):
        await Outgoing(["127.0.0.1"]).request("GET", site.url + path, most=1_000_000)


async def test_what_is_silent_or_gone_is_unreachable(site: Site) -> None:
    with pytest.raises(Unreachable, match=r"did not answer within 0\.2 seconds"):
        await Outgoing(["127.0.0.1"]).request("GET", site.url + "/silent?token=secret", seconds=0.2)
    with pytest.raises(Unreachable, match="cannot be reached"):
        await Outgoing(["127.0.0.1"]).request("GET", "http://127.0.0.1:1/")
    with pytest.raises(Unreachable, match=r"There is no nowhere\.invalid"):
        await Outgoing().request("GET", "http://nowhere.invalid/")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/", "example.com", "http://", "", "gopher://x"]
)
async def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(Forbidden, match="is no address of the web"):
        await Outgoing().request("GET", url)


async def test_an_error_shows_no_secret_of_the_address(site: Site) -> None:
    with pytest.raises(OutgoingError) as caught:
        await Outgoing(["127.0.0.1"]).request("GET", f"http://me:pass@127.0.0.1:{site.port}/silent?key=x", seconds=0.1)
    assert "pass" not in str(caught.value) and "key" not in str(caught.value)
