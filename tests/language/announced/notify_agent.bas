NOTIFY AGENT "ana", "A customer waits"
' expect announced: Line 1: NOTIFY AGENT
