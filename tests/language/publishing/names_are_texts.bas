PUBLISH WORKFLOW 5
' expect error: Line 1: The name of a workflow must be text that is not empty, not 5.
