text = "text"
CREATE DRAFT "ana@example.com", "Offer", text
' expect announced: Line 2: CREATE DRAFT
