order = {id: 1, note: LLM "note", last: 2}
RETURN order
' answer LLM: "n"
' expect result: {"id": 1, "note": "n", "last": 2}
