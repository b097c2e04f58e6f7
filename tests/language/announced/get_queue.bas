GET QUEUE
' expect announced: Line 1: GET QUEUE
