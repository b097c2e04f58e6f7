"""The console script. Bare `botmcp` is what an MCP client starts, often: it imports as little as it can."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name; exits with its code."""
    arguments = sys.argv[1:]
    if arguments == []:
        sys.exit(_bare())
    if arguments == ["background"]:
        sys.exit(_background())
    from mcp_server.cli.commands import run

    sys.exit(run(arguments))


def _bare() -> int:
    """MCP over stdio: through the background server, or in this process when the database is somebody's own."""
    from mcp_server.settings import SettingsError, of_environment

    try:
        settings = of_environment()
    except SettingsError as error:
        print(f"botmcp: {error}", file=sys.stderr)  # noqa: T201 - an MCP client shows stderr to its user
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
    except SettingsError as error:
        print(f"botmcp: {error}", file=sys.stderr)  # noqa: T201 - goes to the file that the client points to
        return 1
    logs.to_file(settings, "background")

    async def serve() -> int:
        await background.serve(settings)
        return 0

    return guarded(settings, "background", serve)


if __name__ == "__main__":
    main()
