PUBLISH EVENT "tick"
' expect effect: event.published
