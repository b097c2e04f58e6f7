rows = MAP [{customerName: "Ana", n: 1}], "customerName->customer"
TALK JSON(rows)                              ' expect: [{"customer": "Ana", "n": 1}]
