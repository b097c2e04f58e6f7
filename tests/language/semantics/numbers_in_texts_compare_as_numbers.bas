TALK ("5" = 5) + " " + ("10" > 9) + " " + ("a" < "b") + " " + ("10" > "9")   ' expect: true true true true
