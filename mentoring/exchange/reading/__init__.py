"""Reading what somebody uploaded: bytes to headings and rows, or `Unreadable`.

Nothing here is called in a web or worker process. `python -m mentoring.exchange.reading` is a process of
its own with limits on processor time and memory, without Django, settings or a database.
`mentoring.exchange.door` starts it, listens to it, and ends it.
"""
