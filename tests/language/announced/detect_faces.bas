DETECT FACES "team.jpg"
' expect announced: Line 1: DETECT FACES
