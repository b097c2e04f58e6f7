x = READ 7
' expect error: Line 1: The path of a file is a text such as "reports/may.txt".
