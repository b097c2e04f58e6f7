' answer QR CODE: "qr/1.png"
TALK QR CODE "https://example.com", 200      ' expect: qr/1.png
