x = 1
' expect result: null
