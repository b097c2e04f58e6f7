rows = [{s: "won", v: 50}, {s: "lost", v: 500}, {s: "open", v: 100}]
good = FILTER rows, "s <> lost AND v >= 100"
TALK JSON(good)                              ' expect: [{"s": "open", "v": 100}]
