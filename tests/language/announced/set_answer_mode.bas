SET ANSWER MODE "sql"
' expect announced: Line 1: SET ANSWER MODE
