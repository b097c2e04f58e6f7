name = "Ana"
BEGIN TALK
Hello ${name},
  it's "done".
END TALK
' expect: Hello Ana,\n  it's "done".
