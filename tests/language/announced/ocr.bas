OCR "scan.png"
' expect announced: Line 1: OCR
