SEND SMS "+15550100", "Your code is 4711"
' expect announced: Line 1: SEND SMS
