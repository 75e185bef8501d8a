"""The programs' tasks, one module for each subject."""

from programs.tasks import response_import

__all__ = ["response_import"]
