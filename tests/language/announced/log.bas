details = {channel: "web"}
LOG "session_start", details
' expect announced: Line 2: LOG
