RETRY 3
' expect error: Line 1: RETRY stands under no statement. Put it right below the statement.
