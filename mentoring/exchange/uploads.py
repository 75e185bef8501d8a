"""Uploads that are too large are refused while they arrive: not a byte of them is kept."""

from collections.abc import Callable
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from mentoring.exchange.door import check_size, upload_limits
from mentoring.exchange.refusals import Refused, too_large_message

MULTIPART_SLACK = 64 * 1024
TOO_LARGE = "upload_too_large"


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes an upload to a temporary file unless it is over the limit; then it is read past, not stored,
    so that the browser still gets a page that says so (see `require_upload`)."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, *args: Any
    ) -> None:  # type: ignore[override]
        self.announced = (
            content_length if content_length > settings.UPLOAD_LIMIT_BYTES + MULTIPART_SLACK else 0
        )
        self.opened: list[TemporaryUploadedFile] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.received = 0
        if self.announced:
            self.refuse(self.announced)
        super().new_file(*args, **kwargs)
        self.opened.append(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT_BYTES:
            self.file.close()
            self.refuse(self.received)
        super().receive_data_chunk(raw_data, start)

    def refuse(self, size: int) -> None:
        assert self.request is not None
        self.request.META[TOO_LARGE] = max(size, self.request.META.get(TOO_LARGE, 0))
        raise SkipFile


class CloseUploads:
    """Closes every temporary file of a request, as middleware. Django forgets those of a body that it stopped
    reading half-way: they would stay on the disk until Python happens to collect them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            for handler in getattr(request, "_upload_handlers", ()):
                for file in getattr(handler, "opened", ()):
                    file.close()


def require_upload(request: HttpRequest, name: str = "file") -> BinaryIO:
    """The uploaded file, or `Refused`: too large, empty, or none chosen."""
    if size := request.META.get(TOO_LARGE):
        raise Refused(too_large_message(size, upload_limits()))
    file = request.FILES.get(name)
    if file is None:
        raise Refused(_("Choose a file first."))
    check_size(file.size or 0, upload_limits())
    return file  # type: ignore[return-value]
