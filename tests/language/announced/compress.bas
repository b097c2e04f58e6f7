files = ["a.pdf"]
COMPRESS files, "all.zip"
' expect announced: Line 2: COMPRESS
