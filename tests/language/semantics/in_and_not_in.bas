TALK (2 IN [1, 2]) + " " + (3 NOT IN [1, 2]) ' expect: true true
