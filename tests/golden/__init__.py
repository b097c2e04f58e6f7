"""Golden and random programs, run five ways on real rows: however they are interrupted, they do the same."""
