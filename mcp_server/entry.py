"""The console script. Bare `botmcp` is what an MCP client starts, often: it imports as little as it can."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name; exits with its code."""
    arguments = sys.argv[1:]
    try:
        match arguments:
            case _ if (offered := _offered(arguments)) is not None:
                code = _bare(offered)
            case ["background"]:
                code = _background()
            case ["worker"]:
                code = _worker()
            case _:
                from mcp_server.cli.commands import run

                code = run(arguments)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # noqa: BLE001 - nobody who types a command reads a traceback
        _say(f"botmcp itself failed: {type(error).__name__}: {error}. `botmcp doctor` may say more.")
        code = 70
    sys.exit(code)


def _offered(arguments: list[str]) -> dict[str, str] | None:
    """What bare `botmcp` was asked to offer its client, as settings; None when a command was given."""
    offered: dict[str, str] = {}
    left = list(arguments)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if name == "--read-only" and not equals:
            offered["BOTMCP_READ_ONLY"] = "true"
        elif name == "--toolsets" and (equals or left):
            offered["BOTMCP_TOOLSETS"] = value if equals else left.pop(0)
        else:
            return None
    return offered


def _bare(offered: dict[str, str]) -> int:
    """MCP over stdio: through the background server, or in this process when the database is somebody's own."""
    from mcp_server.settings import SettingsError, of_environment

    if sys.stdin.isatty():
        _say("this speaks MCP on stdin and stdout, for MCP clients. For people: botmcp --help")
    try:
        settings = of_environment(offered)
        settings.made_home()
    except SettingsError as error:
        _say(str(error))
        return 1
    if not settings.embedded:
        from mcp_server.stdio import serve_here

        return serve_here(settings)
    from mcp_server.client import relay

    return relay(settings)


def _background() -> int:
    """The background server itself; started by clients, not by people."""
    from mcp_server import background, logs
    from mcp_server.cli.errors import guarded
    from mcp_server.settings import SettingsError, of_environment

    try:
        settings = of_environment()
        logs.to_file(settings, "background")
    except SettingsError as error:
        _say(str(error))
        return 1

    async def serve() -> int:
        await background.serve(settings)
        return 0

    return guarded(settings, "background", serve)


def _worker() -> int:
    """`botmcp worker`, whose work waits for it: without the command line, which takes a tenth of a second to load."""
    from mcp_server import garbage

    garbage.starting()
    from mcp_server.cli.errors import guarded
    from mcp_server.settings import SettingsError, of_environment

    try:
        settings = of_environment()
    except SettingsError as error:
        _say(str(error))
        return 1

    async def work() -> int:
        from mcp_server.cli import servers

        return await servers.work(settings)

    return guarded(settings, "worker", work)


def _say(sentence: str) -> None:
    print(f"botmcp: {sentence}", file=sys.stderr)  # noqa: T201 - an MCP client shows stderr to its user


if __name__ == "__main__":
    main()
