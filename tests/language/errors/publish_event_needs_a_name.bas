PUBLISH EVENT
' expect error: Line 1: PUBLISH EVENT needs name. Write PUBLISH EVENT name [WITH data] [KEY key] [DEDUPE dedupe] [AT at] [AFTER after].
