import hashlib

from mentoring.models import StoredFile


def store_file(*, name: str, content: bytes, content_type: str) -> StoredFile:
    """Keep an uploaded or made file. No audit row of its own: the action that needs the file writes one."""
    return StoredFile.objects.create(
        name=name[-200:],
        content=content,
        content_type=content_type[:100],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
