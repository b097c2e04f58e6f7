draft = "draft"
REWRITE draft
' expect announced: Line 2: REWRITE
