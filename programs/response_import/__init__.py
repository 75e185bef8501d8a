"""Answers from a form tool's export: which column is which question, and what an import would do."""
