"""Scripts as they are sent say what they said."""

from __future__ import annotations

import pytest

from designer.lean_scripts import lean


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("const a = 1;  // why\nconst b = 2;\n", "const a=1;const b=2;\n"),
        ("/* what\n   it is */\nlet x\nlet y = x\n", "let x\nlet y=x\n"),
        ("a = b + +c - -d;", "a=b+ +c- -d;\n"),
        ('say("a  //  b", \'c  d\');', 'say("a  //  b",\'c  d\');\n'),
        ("x = `a  ${ f({ b: `c  d` }) }  // e`;", "x=`a  ${ f({ b: `c  d` }) }  // e`;\n"),
        ("t.replace(/\\s+[/ ]  \"/g, a / b / c)", "t.replace(/\\s+[/ ]  \"/g,a/b/c)\n"),
        ("if (a) {\n  b();\n}\nc\n(d)\n", "if(a){b();}\nc\n(d)\n"),
        ("for (;;) { }\nreturn /x y/.test(z)", "for(;;){}\nreturn/x y/.test(z)\n"),
    ],
)  # fmt: skip
def test_blanks_and_remarks_go_and_nothing_else(script: str, wanted: str):
    assert lean(script) == wanted
