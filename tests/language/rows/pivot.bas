sales = [{m: "jan", v: 1}, {m: "feb", v: 2}, {m: "jan", v: 3}]
TALK JSON(PIVOT sales, "m", "v")             ' expect: [{"m": "jan", "v": 4}, {"m": "feb", "v": 2}]
