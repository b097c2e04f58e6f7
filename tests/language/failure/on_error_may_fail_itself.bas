THROW "a" ON ERROR: THROW error.message + "b"
' expect error: Line 1: ab
