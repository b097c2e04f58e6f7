"""Pages for drawing workflows. Empty in this release; the floor is kept so that nothing below comes to depend on it."""
