NOTIFY ATTENDANT "ana", "A customer waits"
' expect announced: Line 1: NOTIFY ATTENDANT
