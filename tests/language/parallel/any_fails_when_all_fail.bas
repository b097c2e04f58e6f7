PARALLEL JOIN ANY
  BRANCH a: THROW "first"
  BRANCH b: THROW "second"
END PARALLEL
' expect error: Line 2: 0 of the 1 branches that were needed ended well. Branch a failed: first
