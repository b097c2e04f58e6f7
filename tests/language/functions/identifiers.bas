TALK LEN(GUID()) + " " + (UUID() <> UUID())  ' expect: 36 true
