"""Settings of what `botmcp serve` answers, and to whom; a part of `mcp_server.settings.Settings`."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcp_server.routing_settings import RoutingSettings
from mcp_server.setting_values import as_origins, as_switch, as_text, as_whole, as_words, setting
from mcp_server.toolsets import as_toolsets


@dataclass(frozen=True, slots=True)
class ServingSettings(RoutingSettings):
    """Where we listen, who is let in, and what they may do."""

    host: str = field(
        default="127.0.0.1",
        metadata=setting(
            "BOTMCP_HOST",
            as_text,
            "The address `botmcp serve` listens on. Any but a loopback address needs `BOTMCP_TOKEN`.",
        ),
    )
    port: int = field(
        default=8765,
        metadata=setting(
            "BOTMCP_PORT",
            as_whole(0, 65535),
            "The port of `botmcp serve`; 0 takes a free one.",
        ),
    )
    allowed_hosts: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_ALLOWED_HOSTS",
            as_words,
            "Names by which `botmcp serve` may be addressed besides the address it listens on, such as "
            "`bots.example.com`; other `Host` headers are refused.",
        ),
    )
    embedding_origins: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_EMBEDDING_ORIGINS",
            as_origins,
            "Origins whose pages may show `/designer/embed/...` in a frame, such as `https://chat.example.com`.",
        ),
    )
    token: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_TOKEN",
            as_text,
            "The bearer token that MCP clients of `botmcp serve` must send. At least 16 characters.",
        ),
    )
    inbox_port: int = field(
        default=0,
        metadata=setting(
            "BOTMCP_INBOX_PORT",
            as_whole(0, 65535),
            "The loopback port of the background server's approval inbox; 0 takes a free one.",
        ),
    )
    agents_may_approve: bool = field(
        default=False,
        metadata=setting(
            "BOTMCP_AGENTS_MAY_APPROVE",
            as_switch,
            "Whether the `decide_approval` tool takes a decision from the agent itself. Otherwise a person is asked.",
        ),
    )
    oauth_issuer: str = field(
        default="",
        metadata=setting(
            "BOTMCP_OAUTH_ISSUER",
            as_text,
            "The authorization server whose access tokens `botmcp serve` takes (OAuth 2.1), exactly as its tokens "
            "name it in `iss`. Their scopes are those of API keys.",
        ),
    )
    oauth_audience: str = field(
        default="",
        metadata=setting(
            "BOTMCP_OAUTH_AUDIENCE",
            as_text,
            "What such a token must name in `aud`: the public address of `/mcp`, such as "
            "`https://bots.example.com/mcp`. It is also told to MCP clients, as the resource they ask tokens for.",
        ),
    )
    oauth_jwks_url: str = field(
        default="",
        metadata=setting(
            "BOTMCP_OAUTH_JWKS_URL",
            as_text,
            "Where that server's public keys are. Unset: its `/.well-known/openid-configuration` says.",
        ),
    )
    oauth_tenant_claim: str = field(
        default="",
        metadata=setting(
            "BOTMCP_OAUTH_TENANT_CLAIM",
            as_text,
            "The claim that holds a caller's tenant (a UUID). Unset: all are of the installation's own tenant.",
        ),
    )
    oauth_bots_claim: str = field(
        default="",
        metadata=setting(
            "BOTMCP_OAUTH_BOTS_CLAIM",
            as_text,
            "The claim that lists the bots a caller is limited to. Unset, or absent from a token: all bots.",
        ),
    )
    requests_per_minute: int = field(
        default=1200,
        metadata=setting(
            "BOTMCP_REQUESTS_PER_MINUTE",
            as_whole(0, 1_000_000),
            "How many requests a key, or a caller by OAuth, may make in a minute at each `botmcp serve`; more get "
            "status 429. 0: as many as they like. A key may have a number of its own.",
        ),
    )
    audit_days: int = field(
        default=400,
        metadata=setting(
            "BOTMCP_AUDIT_DAYS",
            as_whole(0, 36500),
            "After how many days lines of the audit log are deleted; 0 keeps them for ever.",
        ),
    )
    toolsets: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_TOOLSETS",
            as_toolsets,
            "Which tools MCP clients are offered: some of `workflows`, `events`, `memory`, `approvals`, `models` and "
            "`keywords`; unset, all. The others are not run either.",
        ),
    )
    read_only: bool = field(
        default=False,
        metadata=setting(
            "BOTMCP_READ_ONLY",
            as_switch,
            "Whether MCP clients are offered only the tools that change nothing. The others are not run either.",
        ),
    )
    published_tools: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_PUBLISHED_TOOLS",
            as_words,
            "Workflows that MCP clients are offered as tools of their own, with their PARAMs as arguments: "
            "`package/dialog`, all of a package (`package/*`), or `*` for all.",
        ),
    )
