DETECT URGENCY message
' expect announced: Line 1: DETECT URGENCY
