WEBHOOK "!!"
' expect error: Line 1: The name of a webhook has letters or digits, unlike "!!".
