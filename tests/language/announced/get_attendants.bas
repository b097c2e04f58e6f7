GET ATTENDANTS
' expect announced: Line 1: GET ATTENDANTS
