WEBSITE OF "Example Ltd"
' expect announced: Line 1: WEBSITE OF
