ON EMAIL "support@example.com"
TALK "ran"                                   ' expect: ran
' expect warning: Line 1: ON EMAIL is understood but not yet carried out by this release. A run that comes to such a line fails there and says so.
