x = [1] * 2
' expect error: Line 1: * does not work for a list and the number 2.
