x = 1
IF x = 1 {
  TALK "yes"                                 ' expect: yes
}
