session = "session"
draft = "draft"
POLISH MESSAGE session, draft
' expect announced: Line 3: POLISH MESSAGE
