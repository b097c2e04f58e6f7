VIDEO "Waves on a beach"
' expect announced: Line 1: VIDEO
