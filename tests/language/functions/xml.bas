TALK XML({a: 1, b: ["<"]}, "o")              ' expect: <o>\n  <a>1</a>\n  <b>\n    <item>&lt;</item>\n  </b>\n</o>
TALK TOXML(1)                                ' expect: <data>1</data>
