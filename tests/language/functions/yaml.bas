TALK YAML({a: [1, "x y"], b: {}})            ' expect: a:\n  - 1\n  - x y\nb: {}
TALK TOYAML("yes")                           ' expect: "yes"
