NEXT IN QUEUE
' expect announced: Line 1: NEXT IN QUEUE
