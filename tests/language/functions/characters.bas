TALK CHR(65) + ASC("A") + " " + REPLACE("aXbX", "X", "")   ' expect: A65 ab
