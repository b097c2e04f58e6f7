PLAY "tour.mp4"
' expect announced: Line 1: PLAY
