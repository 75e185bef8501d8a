from sessions.models.meeting import Meeting

__all__ = ["Meeting"]
