SEND TEMPLATE "welcome", "email", "ana@example.com"
' expect announced: Line 1: SEND TEMPLATE
