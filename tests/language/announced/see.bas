SEE "photo.jpg"
' expect announced: Line 1: SEE
