ADD MEMBER "sales", "ana@example.com", "member"
' expect announced: Line 1: ADD MEMBER
