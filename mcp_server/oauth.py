"""OAuth 2.1 as a resource server: access tokens of the owner's own authorization server, checked by its public keys.

Only asymmetric signatures count; issuer, audience and times must fit. The keys are fetched when first needed, kept for
ten minutes, and fetched again when a token names one that is not known, at most every ten seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import jwt
import structlog

from mcp_server.identity import TENANT
from mcp_server.settings import Settings
from workflow.details import SCOPES, Caller

log = structlog.get_logger()
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
KEPT_SECONDS, AGAIN_SECONDS = 600.0, 10.0
LEEWAY = 30.0  # seconds by which the clocks of two machines may differ
LONGEST_KEYS = 1_000_000
LONGEST_TOKEN = 16_384


@dataclass(slots=True)
class _Kept:
    keys: Mapping[str, jwt.PyJWK]
    fetched: float


class Unreachable(Exception):
    """The authorization server does not tell its keys."""


class Tokens:
    """Checks access tokens of one authorization server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: _Kept | None = None
        self._tried = -AGAIN_SECONDS  # when a fetch was tried last
        self._fetching = asyncio.Lock()

    async def caller(self, token: str, now: datetime) -> Caller | None:
        """Whoever the token was given to; None when it is not good here. Raises Unreachable."""
        claims = await self._claims(token, now)
        if claims is None:
            return None
        subject = str(claims["sub"])
        if claims.get("email_verified") is True and isinstance(claims.get("email"), str):
            subject = claims["email"]
        given = claims.get("scope", claims.get("scp", ""))
        words: list[Any] = given.split() if isinstance(given, str) else list(given) if isinstance(given, list) else []
        scopes = frozenset(str(word) for word in words) & SCOPES
        bots = claims.get(self._settings.oauth_bots_claim) if self._settings.oauth_bots_claim else None
        tenant = TENANT
        if self._settings.oauth_tenant_claim:
            try:
                tenant = UUID(str(claims.get(self._settings.oauth_tenant_claim)))
            except ValueError:
                return None
        return Caller(
            tenant,
            subject[:200],
            "",
            scopes=scopes,
            bots=None
            if bots is None
            else frozenset(str(b).lower() for b in (bots if isinstance(bots, list) else [bots])),
        )

    async def _claims(self, token: str, now: datetime) -> Mapping[str, Any] | None:
        if len(token) > LONGEST_TOKEN:
            return None
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return None
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            return None
        key = await self._key(str(kid) if kid is not None else "", now)
        if key is None:
            return None
        times = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}  # by our own clock, below
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.oauth_audience,
                issuer=self._settings.oauth_issuer,
                options={"require": ["exp", "sub", "iss", "aud"], **times},  # pyright: ignore[reportArgumentType] - a TypedDict that does not know itself spread
            )
        except (jwt.PyJWTError, TypeError, ValueError):
            return None
        return claims if _in_time(claims, now.timestamp()) else None

    async def _key(self, kid: str, now: datetime) -> jwt.PyJWK | None:
        at = now.timestamp()
        if (found := self._known(kid)) and self._kept and at - self._kept.fetched < KEPT_SECONDS:
            return found
        async with self._fetching:
            old = self._kept is None or not self._known(kid) or at - self._kept.fetched >= KEPT_SECONDS
            if old and at - self._tried >= AGAIN_SECONDS:  # not each request waits for a server that does not answer
                self._tried = at
                try:
                    self._kept = _Kept(await self._fetched(), at)
                except Exception as error:
                    log.warning("oauth.keys_unreachable", error=repr(error))
                    if self._kept is None:
                        raise Unreachable from error  # what was known before goes on counting
            if self._kept is None:
                raise Unreachable
        return self._known(kid)

    def _known(self, kid: str) -> jwt.PyJWK | None:
        keys = self._kept.keys if self._kept else {}
        return keys.get(kid) or (next(iter(keys.values())) if not kid and len(keys) == 1 else None)

    async def _fetched(self) -> Mapping[str, jwt.PyJWK]:
        import httpx

        async with httpx.AsyncClient(timeout=5.0, follow_redirects=False) as web:
            address = self._settings.oauth_jwks_url
            if not address:
                base = self._settings.oauth_issuer.rstrip("/")
                about = await _json(web, f"{base}/.well-known/openid-configuration")
                if about.get("issuer") != self._settings.oauth_issuer:
                    raise ValueError("the authorization server calls itself by another name")
                address = str(about["jwks_uri"])
            told = await _json(web, address)
        found: dict[str, jwt.PyJWK] = {}
        for row in told.get("keys", []):
            if isinstance(row, dict) and cast("dict[str, Any]", row).get("use", "sig") == "sig":
                try:
                    key = jwt.PyJWK(cast("dict[str, Any]", row))
                except jwt.PyJWTError:
                    continue  # of a kind we do not know
                if key.key_type != "oct":
                    found[key.key_id or ""] = key
        return found


async def _json(web: Any, address: str) -> dict[str, Any]:
    async with web.stream("GET", address) as answer:
        answer.raise_for_status()
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > LONGEST_KEYS:
                raise ValueError("the answer is too long")
    import json

    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("the answer is no JSON object")
    return cast("dict[str, Any]", told)


def _in_time(claims: Mapping[str, Any], now: float) -> bool:
    try:
        ends, begins = float(claims["exp"]), float(claims.get("nbf", 0))
    except (TypeError, ValueError):
        return False
    return begins - LEEWAY <= now < ends + LEEWAY
