o = {a: 1, b: 2}
TALK JSON(KEYS(o)) + JSON(VALUES(o)) + " " + HASKEY(o, "a") + " " + HASKEY(o, "z")   ' expect: ["a", "b"][1, 2] true false
