question = "question"
ANSWER question
' expect announced: Line 2: ANSWER
