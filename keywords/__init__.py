"""The language: text to blocks, lines to trees, programs to steps, and the pure machine that runs them. No I/O."""
