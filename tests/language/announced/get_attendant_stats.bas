GET ATTENDANT STATS "ana"
' expect announced: Line 1: GET ATTENDANT STATS
