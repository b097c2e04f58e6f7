x = READ "notes.txt"
' expect error: Line 1: There are no files here: this engine was opened without a folder for them.
