image = "image"
CARD image, "Spring sale" TO card
' expect announced: Line 2: CARD
