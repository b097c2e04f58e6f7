USE KB "handbook"                            ' expect effect: kb.used
ADD KB "not written yet"                     ' expect effect: kb.used
USE KB ""
' expect error: Line 3: The name of a knowledge base must be text that is not empty, not "".
