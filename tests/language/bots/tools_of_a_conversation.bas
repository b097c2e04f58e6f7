x = ADD TOOL "Enrolment.bas"                 ' expect effect: memory.set
TALK x                                       ' expect: enrolment
CLEAR TOOLS                                  ' expect effect: memory.set
