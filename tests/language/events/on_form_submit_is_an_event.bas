ON FORM SUBMIT "contact"
  TALK "Thanks, " + fields.name + " of " + metadata.source
END ON
TALK "registered"                            ' expect: registered
' expect effect: event.handled
