"""The bots a workflow can call: `.gbai` packages, their dialogs, and their model agents."""
