image = "image"
caption = "caption"
POST TO "instagram" AT "2026-03-01 09:00" image, caption
' expect announced: Line 3: POST TO
