COLLABORATE WITH ["echo legal", "fails tax"] ON "the contract"
' expect error: Line 1: fails tax could not work on it. Line 1, column 1: It broke.
