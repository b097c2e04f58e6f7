SET SCHEDULE "0 9 * * *"
TALK "ran"                                   ' expect: ran
' expect warning: Line 1: SET SCHEDULE is understood but not yet carried out by this release. A run that comes to such a line fails there and says so.
