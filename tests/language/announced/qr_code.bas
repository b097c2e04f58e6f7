QR CODE "https://example.com"
' expect announced: Line 1: QR CODE
