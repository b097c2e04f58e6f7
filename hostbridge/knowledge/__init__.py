"""Knowledge bases: the documents of a package's `.gbkb` folders, cut into pieces and found by words and meaning."""
