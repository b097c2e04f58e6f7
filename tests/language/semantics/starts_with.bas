TALK "hello" STARTS WITH "he"                ' expect: true
