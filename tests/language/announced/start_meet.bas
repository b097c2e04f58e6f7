START MEET "Weekly"
' expect announced: Line 1: START MEET
