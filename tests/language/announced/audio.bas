AUDIO "Welcome"
' expect announced: Line 1: AUDIO
