' answer UPLOAD: "photos/a.png"
' answer DOWNLOAD: "downloads/a.pdf"
TALK UPLOAD "a.png", "photos/"               ' expect: photos/a.png
TALK DOWNLOAD "https://example.com/a.pdf"    ' expect: downloads/a.pdf
