members = ["ana@example.com"]
CREATE TEAM "sales", members
' expect announced: Line 2: CREATE TEAM
