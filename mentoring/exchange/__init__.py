"""Files in and out: column objects, readers that refuse hostile files with advice, writers that
neutralize formulas."""
