"""Pages in the browser: workflows drawn, started, watched and looked back upon. `app.routes` mounts them all."""
