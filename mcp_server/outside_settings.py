"""Settings of the world outside: the General Bots host, mail, private addresses; a part of `settings.Settings`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hostbridge.elsewhere.servers import Server
from mcp_server.server_setting import A2A_TOLD, COMMANDS_TOLD, MCP_TOLD, as_programs, as_servers
from mcp_server.serving_settings import ServingSettings
from mcp_server.setting_values import as_folders, as_languages, as_mail_server, as_server, as_text, as_words, setting


@dataclass(frozen=True, slots=True)
class OutsideSettings(ServingSettings):
    """Whom programs reach."""

    host_database_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_HOST_DATABASE_URL",
            as_text,
            "The General Bots database: our tables stand beside the host's in a schema of their own, and the host's "
            "`bots` and `bot_memories` are used in place (`botmcp host install-trigger`; docs/guides/host.md). With "
            "another `DATABASE_URL` only what is mirrored is written there.",
        ),
    )
    botserver_url: str = field(
        default="",
        metadata=setting(
            "BOTSERVER_URL",
            as_server,
            "The General Bots server, such as `http://localhost:5858`: bots that no package has, and keywords that "
            "only the host carries out, are asked there.",
        ),
    )
    host_work: tuple[Path, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_HOST_WORK GBO_WORK_PATH",
            as_folders,
            "The work folder of the General Bots server, in which its packages are found too. Where one of the two "
            "settings above is set, `/opt/gbo/work` and `botserver-stack/data/system/work` are looked into.",
        ),
    )
    mcp_servers: tuple[Server, ...] = field(
        default=(), repr=False, metadata=setting("BOTMCP_MCP_SERVERS", as_servers("http"), MCP_TOLD)
    )
    mcp_commands: tuple[str, ...] = field(
        default=(), metadata=setting("BOTMCP_MCP_COMMANDS", as_programs, COMMANDS_TOLD)
    )
    a2a_agents: tuple[Server, ...] = field(
        default=(), repr=False, metadata=setting("BOTMCP_A2A_AGENTS", as_servers("a2a"), A2A_TOLD)
    )
    run_code: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_RUN_CODE",
            as_languages,
            "The languages whose code programs may run, `python,javascript,bash`; none unless it is set. The code runs "
            "as the user of botmcp, in a process with limits of time, memory and output.",
        ),
    )
    http_allow: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_HTTP_ALLOW",
            as_words,
            "Private hosts and networks that programs may reach all the same: `erp.local, 10.1.0.0/16`.",
        ),
    )
    smtp_url: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_SMTP_URL",
            as_mail_server,
            "The server that mail goes out through: `smtp://user:password@host:587?from=bot@example.com`, or `smtps://`."
            " Without one mail is kept in the outbox.",
        ),
    )
