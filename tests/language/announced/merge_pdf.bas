files = ["a.pdf"]
MERGE PDF files, "all.pdf"
' expect announced: Line 2: MERGE PDF
