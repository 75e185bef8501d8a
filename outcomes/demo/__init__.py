"""The demo's two companies: made up, believable, and the same at every start (a seeded generator)."""
