ON ERROR GOTO failed
THROW "no"
TALK "never"
failed:
TALK "caught " + error.message               ' expect: caught no
