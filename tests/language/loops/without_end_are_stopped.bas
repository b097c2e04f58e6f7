WHILE TRUE
  x = 1
WEND
' expect error: Line 1: The loop has turned 100,000 times without waiting for anything. Check what ends it.
