"""Settings of schedules, limits and how long things are kept; a part of `mcp_server.settings.Settings`."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcp_server.setting_values import as_key, as_text, as_whole, as_words, as_zone, setting


@dataclass(frozen=True, slots=True)
class OperatingSettings:
    """What whoever runs an installation may want otherwise."""

    time_zone: str = field(
        default="UTC",
        metadata=setting(
            "BOTMCP_TIME_ZONE",
            as_zone,
            "The time zone of schedules that name none, such as `Europe/Berlin`.",
        ),
    )
    schedule_seconds: int = field(
        default=60,
        metadata=setting(
            "BOTMCP_SCHEDULE_SECONDS",
            as_whole(1, 86400),
            "The least time between two times of one schedule; a rule that is due more often is refused.",
        ),
    )
    most_schedules: int = field(
        default=1000,
        metadata=setting("BOTMCP_MOST_SCHEDULES", as_whole(1, 1_000_000), "How many schedules there may be."),
    )
    max_running: int | None = field(
        default=None,
        metadata=setting(
            "BOTMCP_MAX_RUNNING",
            as_whole(1, 1_000_000),
            "How many executions workers may hold at one moment; what finds no room waits. Without it there is no "
            "limit. `botmcp limits` sets others, and those of single bots.",
        ),
    )
    starts_per_minute: int | None = field(
        default=None,
        metadata=setting(
            "BOTMCP_STARTS_PER_MINUTE",
            as_whole(1, 1_000_000),
            "How many executions may be started in a minute; more are refused. Without it there is no limit.",
        ),
    )
    keep_days: int = field(
        default=90,
        metadata=setting(
            "BOTMCP_KEEP_DAYS",
            as_whole(0, 36500),
            "After how many days finished executions are deleted, with their journal and all that belongs to them; 0 "
            "keeps them for ever.",
        ),
    )
    keep_event_days: int = field(
        default=30,
        metadata=setting("BOTMCP_KEEP_EVENT_DAYS", as_whole(0, 36500), "The same for published events."),
    )
    trusted_plugins: tuple[str, ...] = field(
        default=(),
        metadata=setting(
            "BOTMCP_TRUSTED_PLUGINS",
            as_words,
            "Plugins that may do more than they declare, each with the hash of the code that is trusted, as "
            "`botmcp plugin review` shows it: `tides=3f6c...`. For machines on which nobody runs that command.",
        ),
    )
    signing_key: str = field(
        default="",
        repr=False,
        metadata=setting(
            "BOTMCP_SIGNING_KEY",
            as_key,
            "What signs links, cookies and states of clients: one secret of 32 characters or more, the same for all "
            "servers of one installation that do not share a data folder. Without it each data folder makes its own.",
        ),
    )
    otel_endpoint: str = field(
        default="",
        metadata=setting(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            as_text,
            "Where traces are sent (OTLP over HTTP), such as `http://127.0.0.1:4318`: an execution is one trace over "
            'all workers. Needs the extra `otel`: `pip install "botmcp[otel]"`.',
        ),
    )
    metrics_port: int = field(
        default=0,
        metadata=setting(
            "BOTMCP_METRICS_PORT",
            as_whole(0, 65535),
            "The loopback port on which `botmcp worker` and the background server answer `/metrics` (Prometheus); 0: "
            "none. `botmcp serve` answers it on its own port, where `BOTMCP_TOKEN` guards it as it does `/mcp`.",
        ),
    )
