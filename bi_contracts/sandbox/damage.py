"""What happens to an answer on its way: the faults that leave the platform's own answer behind."""

from __future__ import annotations

import gzip
from dataclasses import replace

from .answer import Answer
from .faults import Fault

PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Something went wrong</title></head>"
    b"<body><h1>Something went wrong</h1><p>Please try again later.</p></body></html>\n"
)


def damaged(answer: Answer, fault: Fault) -> Answer:
    """The answer with what goes wrong on the way."""
    if fault.html:
        status = fault.status or (answer.status if answer.status >= 400 else 502)
        answer = replace(answer.with_header("content-type", "text/html; charset=utf-8"), status=status, body=PAGE)
    if fault.content_type:
        answer = answer.with_header("content-type", fault.content_type)
    if fault.malformed:
        answer = replace(answer, body=answer.body[:-1] + b"," + answer.body[-1:])
    if fault.truncate:
        answer = replace(answer, body=answer.body[: len(answer.body) // 2])
    if fault.empty:
        answer = replace(answer, body=b"")
    if fault.gzip:
        answer = replace(answer.with_header("content-encoding", "gzip"), body=gzip.compress(answer.body, mtime=0))
    return replace(answer, piece=fault.chunked, broken=fault.reset)
