TALK JSON(UNIQUE [3, 1, 3])                  ' expect: [3, 1]
