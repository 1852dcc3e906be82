"""What a tool says where it cannot answer: what happened, and what to do next. Never a word of a message."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ...errors import BiContractsError, StoreBusy, StoreDamaged, StoreMissing
from .cursors import BadCursor

BAD_CURSOR = "This cursor is none that this tool gave for these arguments. Leave cursor out to begin at the first page."


class Refused(Exception):
    """The tool cannot answer; the message is for the model."""


def words(error: Exception) -> str:
    """What to tell a model of an error. Of an error that is our own mistake, only its kind."""
    match error:
        case Refused():
            return str(error)
        case BadCursor():
            return BAD_CURSOR
        case ValidationError():
            return invalid(error)
        case StoreMissing():
            return f"There is no store yet: {error}. Call sync_conversations to make one, where the server may sync."
        case StoreDamaged():
            return f"The store is damaged: {error}. Ask the user to run `bi-contracts intercom verify --repair`."
        case StoreBusy():
            return f"The store is in use: {error}. Try again in a few seconds."
        case BiContractsError():
            return str(error)
        case _:
            return f"The server failed ({type(error).__name__}); its log says where. Other calls still work."


def invalid(error: ValidationError) -> str:
    """Which arguments are wrong, and what is wanted of them. Values are not repeated."""
    said = []
    for one in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        name = ".".join(str(step) for step in one["loc"][:1]) or "arguments"
        said.append(f"{name[:60]}: {_characters(one)}")
    return f"Invalid arguments. {'; '.join(dict.fromkeys(said))}"


def _characters(one: ErrorDetails) -> str:
    """What is wanted. A text has characters; of one that may also be left out, pydantic speaks as of a list."""
    return one["msg"].removeprefix("Value error, ").replace(" items", " characters").replace(" item", " character")


def no_such_tool(name: str, known: list[str]) -> str:
    """Which tools are near, or all of them."""
    near = get_close_matches(name[:100], known, n=3, cutoff=0.4)
    return f"There is no such tool. {'Did you mean ' + ' or '.join(near) if near else 'Known: ' + ', '.join(known)}?"
