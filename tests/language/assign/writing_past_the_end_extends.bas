rows = []
rows[UBOUND(rows)] = "a"
rows[UBOUND(rows)] = "b"
rows[4] = "e"
RETURN rows
' expect result: ["a", "b", null, null, "e"]
