GET CURRENT MODEL
' expect announced: Line 1: GET CURRENT MODEL
