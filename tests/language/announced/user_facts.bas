USER FACTS
' expect announced: Line 1: USER FACTS
