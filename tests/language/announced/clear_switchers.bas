CLEAR SWITCHERS
' expect announced: Line 1: CLEAR SWITCHERS
