"""Who can sign in to the demo: printed when it starts, offered on its sign-in page."""

ACCOUNTS = (
    ("owner@northwind.example", "owns the organization"),
    ("champion@northwind.example", "runs the program"),
    ("mentor@northwind.example", "mentors a senior leader"),
    ("mentee@northwind.example", "is mentored"),
    ("overseer@northwind.example", "sees the results"),
    ("champion@fabrikam.example", "runs another company's program"),
)
PASSWORD = "upward-demo"
