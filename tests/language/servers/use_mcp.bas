' answer USE MCP: {"title": "Late", "id": 7}
name = USE MCP "Tracker"                     ' expect effect: memory.set
TALK name                                    ' expect: tracker
issue = USE MCP "tracker", "create_issue", {title: "Late"}
TALK issue.title + " is " + issue.id         ' expect: Late is 7
