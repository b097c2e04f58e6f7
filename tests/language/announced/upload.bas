photo = "photo"
UPLOAD photo, "photos"
' expect announced: Line 2: UPLOAD
