STEP 1: x = LLM "a"
  ON ERROR: x = "instead of " + error.message
TALK x                     ' expect: instead of silence
STEP 2: LLM "b" ON ERROR: TALK "b failed too"    ' expect: b failed too
TALK "on"                  ' expect: on
' answer LLM: error silence
' answer LLM: error silence
