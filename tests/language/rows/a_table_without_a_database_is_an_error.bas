x = FIND "customers"
' expect error: Line 1: There are no tables here: this engine was opened without a database for them.
