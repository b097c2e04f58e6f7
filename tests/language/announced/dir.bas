DIR "reports"
' expect announced: Line 1: DIR
