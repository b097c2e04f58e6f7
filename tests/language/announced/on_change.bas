ON CHANGE "reports/"
TALK "ran"                                   ' expect: ran
' expect warning: Line 1: ON CHANGE is understood but not yet carried out by this release. A run that comes to such a line fails there and says so.
