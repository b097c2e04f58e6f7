found = JSON PARSE "{a}"
' expect error: Line 1: The text is not JSON: Expecting property name enclosed in double quotes at line 1, column 2.
