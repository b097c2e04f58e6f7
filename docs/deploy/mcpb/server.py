"""The bundle's server: MCP over stdio."""

from mcp_server.entry import main

if __name__ == "__main__":
    raise SystemExit(main())
