TALK JSON(SPLIT("a,b", ",")) + JSON(SPLIT("a b"))   ' expect: ["a", "b"]["a", "b"]
