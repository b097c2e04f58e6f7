x = "0123456789"
WHILE TRUE
  x = x + x
WEND
' expect error: Line 3: The text would have 1,310,720 characters; the limit is 1,048,576.
