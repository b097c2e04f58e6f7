DOWNLOAD "https://example.com/a.pdf", "a.pdf"
' expect announced: Line 1: DOWNLOAD
