"""What MCP clients meet besides the tools themselves: the table of tools, resources, prompts, tasks, cards."""
