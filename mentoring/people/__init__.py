"""Import of the roster: what a file's columns mean, what would change, and who answers to whom. No
models here."""
