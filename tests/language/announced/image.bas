IMAGE "A lighthouse at dawn"
' expect announced: Line 1: IMAGE
