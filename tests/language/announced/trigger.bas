TRIGGER "follow-up"
' expect announced: Line 1: TRIGGER
