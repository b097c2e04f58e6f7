SCAN BARCODE "code.png"
' expect announced: Line 1: SCAN BARCODE
