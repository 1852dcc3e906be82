"""A platform declared in a file of the workspace: TOML for what is data, Python for what needs an own class.

The tables of a TOML file are the fields of `Platform`, `Endpoint` and what they are made of, under the same names,
so whatever those can say a file can say too. Some things are shorter: endpoints are tables by name, paginators that
several share have a name, the usual errors and the title are filled in, and JSON text may stand for a list or an
object (TOML has no null). `"..."` stands for Python's Ellipsis.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tomllib
import traceback
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from . import auth, pagination
from .auth import AuthScheme
from .dialects import ErrorDialect, ErrorKind
from .errors import DeclarationError
from .pagination import Paginator
from .paths import Json, bury, dig
from .platform import Endpoint, Platform
from .queries import QueryLanguage, arguments
from .workspace import VARIABLE

SUFFIXES = (".toml", ".py")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands: `acme.toml: endpoints.contacts.path`."""

    file: Path
    key: str = ""

    def at(self, step: str | int) -> Place:
        """The place of a member."""
        return Place(self.file, f"{self.key}.{step}".lstrip("."))

    def wrong(self, words: str) -> DeclarationError:
        """The error to raise for what stands here."""
        return DeclarationError(f"{self.file}: {self.key}: {words}" if self.key else f"{self.file}: {words}")


def read(path: Path) -> Platform:
    """The platform that a file declares. Raises `DeclarationError` naming file, key or line, and what to type."""
    here = Place(path)
    if path.suffix not in SUFFIXES:
        raise here.wrong(f"a platform is declared in a .toml or .py file, not {path.suffix or 'one without a suffix'}")
    if not path.is_file():
        raise here.wrong("no such file; the setting `platforms` lists it")
    platform = _from_python(here) if path.suffix == ".py" else _from_toml(here)
    _tried(platform, here)
    return platform


def module(here: Place) -> ModuleType:
    """A Python file of the workspace, which is run: the workspace names it as it names its own tests.

    Raises `DeclarationError` with the line at which it failed.
    """
    name = f"bi_contracts_declared_{here.file.stem}_{sha256(str(here.file).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, here.file)
    if spec is None or spec.loader is None:
        raise here.wrong("cannot be loaded as Python")
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # dataclasses look their module up there
    try:
        spec.loader.exec_module(found)
    except (Exception, SystemExit) as error:  # a person's file may raise anything, and may try to end the process
        del sys.modules[name]
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == spec.origin]
        where = f"line {lines[-1]}: " if lines else ""
        raise here.wrong(f"{where}{type(error).__name__}: {error}") from None
    return found


def _from_python(here: Place) -> Platform:
    """`PLATFORM` of a Python file."""
    found = getattr(module(here), "PLATFORM", None)
    if not isinstance(found, Platform):
        raise here.wrong("declares no platform: PLATFORM = Platform(...) is wanted")
    return found


def _from_toml(here: Place) -> Platform:
    try:
        table = tomllib.loads(here.file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise here.wrong(str(error)) from None
    shared = _named(table.pop("paginators", {}), here.at("paginators"))
    pages = {name: _value(Paginator, given, here.at("paginators").at(name)) for name, given in shared.items()}
    endpoints = _named(table.pop("endpoints", {}), here.at("endpoints"))
    made = [_endpoint(name, given, pages, here.at("endpoints").at(name)) for name, given in endpoints.items()]
    table["errors"] = _errors(table.get("errors", {}), here.at("errors"))
    table.setdefault("title", str(table.get("name", "")).capitalize())
    try:
        found: Platform = _object(Platform, {**table, "endpoints": tuple(made)}, here)
    except DeclarationError as error:
        words = str(error)
        raise (error if words.startswith(str(here.file)) else here.wrong(words)) from None
    return found


def _endpoint(name: str, table: Json, pages: Mapping[str, Paginator], here: Place) -> Endpoint:
    if not isinstance(table, dict):
        raise here.wrong("must be a table with at least a path")
    wanted = table.get("paginator")
    if isinstance(wanted, str):
        if wanted not in pages:
            raise here.at("paginator").wrong(_unknown(wanted, pages) if pages else "no [paginators] are declared")
        table = {**table, "paginator": pages[wanted]}
    made: Endpoint = _object(Endpoint, {"name": name, **table}, here)
    for number, example in enumerate(made.examples):
        if made.kind == "list" and dig(example, made.key) is None:
            raise here.at("examples").at(number).wrong(f"has no {made.key}; say which field is the key: key = ...")
    return made


STATUSES = {
    ErrorKind.UNAUTHORIZED: (401, "The credential is not valid."),
    ErrorKind.FORBIDDEN: (403, "The credential does not permit this."),
    ErrorKind.NOT_FOUND: (404, "There is no such thing."),
    ErrorKind.BAD_REQUEST: (400, "The request is not valid."),
    ErrorKind.RATE_LIMITED: (429, "Too many requests."),
    ErrorKind.SERVER_ERROR: (500, "Something went wrong."),
}
"""What an API answers that says no more: status and words of each kind of error."""


def _errors(table: Json, here: Place) -> ErrorDialect:
    """The dialect of a table: shapes that it leaves out, or says in part, are filled in."""
    if not isinstance(table, dict):
        raise here.wrong('must be a table: errors = { message = "error.message" }')
    given = {name: value for name, value in table.items() if name not in ("shapes", "body")}
    body = table.get("body", bury({}, str(table.get("message", "message")), "{message}"))
    if "body" not in table and table.get("code"):
        body = bury(body, str(table["code"]), "{code}")
    shapes = _named(table.get("shapes", {}), here.at("shapes"))
    for name in shapes:
        if name not in set(ErrorKind):
            raise here.at("shapes").wrong(_unknown(name, ErrorKind))
    filled = {
        kind.value: {"status": status, "body": body, "code": kind.value, "message": words} | shapes.get(kind.value, {})
        for kind, (status, words) in STATUSES.items()
    }
    made: ErrorDialect = _object(ErrorDialect, {**given, "shapes": filled}, here)
    return made


# From plain values to the types of a declaration


def _object(kind: type[Any], table: Json, here: Place) -> Any:
    """A dataclass from a table of its fields."""
    if not isinstance(table, Mapping):
        raise here.wrong(f"must be a table, not {_called(table)}")
    hints, known = get_type_hints(kind), {one.name: one for one in fields(kind)}
    for name in table:
        if name not in known:
            raise here.wrong(_unknown(name, known))
    missing = [one.name for one in known.values() if _required(one) and one.name not in table]
    if missing:
        raise here.at(missing[0]).wrong("is missing")
    return kind(**{name: _value(hints[name], given, here.at(name)) for name, given in table.items()})


def _value(kind: Any, given: Json, here: Place) -> Any:
    """What stands in a file, as the type that the declaration wants."""
    if kind in _CHOICES:
        return _chosen(kind, given, here)
    origin = get_origin(kind)
    if origin in (Mapping, tuple) and isinstance(given, str):
        given = _json(given, here)
    if origin is Mapping:
        return _mapping(get_args(kind), given, here)
    if origin is tuple:
        return _tuple(get_args(kind)[0], given, here)
    if origin in (Union, types.UnionType):
        return _value(next(one for one in get_args(kind) if one is not type(None)), given, here)
    if origin is Literal:
        return _one_of(get_args(kind), given, here)
    if kind is Any:
        return _plain(given, here)
    if is_dataclass(kind) and isinstance(kind, type):
        return given if isinstance(given, kind) else _object(kind, given, here)
    return _scalar(kind, given, here)


def _mapping(kinds: tuple[Any, ...], given: Json, here: Place) -> Mapping[Any, Any]:
    key, value = kinds
    if not isinstance(given, Mapping):
        raise here.wrong(f"must be a table, not {_called(given)}")
    return {key(name): _value(value, item, here.at(name)) for name, item in given.items()}


def _tuple(kind: Any, given: Json, here: Place) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple):
        raise here.wrong(f"must be a list, not {_called(given)}")
    return tuple(_value(kind, item, here.at(number)) for number, item in enumerate(given))


def _one_of(words: tuple[Any, ...], given: Json, here: Place) -> Any:
    if given not in words:
        raise here.wrong(_unknown(str(given), words))
    return given


def _scalar(kind: type[Any], given: Json, here: Place) -> Any:
    if kind is float and type(given) is int:
        return float(given)
    if type(given) is not kind:
        raise here.wrong(f"must be {_NAMES.get(kind, kind.__name__)}, not {_called(given)}")
    return given


def _plain(given: Json, here: Place) -> Json:
    """A JSON value; TOML's dates are refused, since nobody could tell which text was meant."""
    match given:
        case "...":
            return ...
        case dict():
            return {name: _plain(item, here.at(name)) for name, item in given.items()}
        case list():
            return [_plain(item, here.at(number)) for number, item in enumerate(given)]
        case str() | int() | float() | None:
            return given
    raise here.wrong(f"JSON has no {_called(given)}: put it in quotes, as the API writes it")


def _json(text: str, here: Place) -> Json:
    try:
        return json.loads(text)
    except ValueError as error:
        raise here.wrong(f"a list or a table is wanted, or JSON text that says one ({error})") from None


def _chosen(kind: Any, given: Json, here: Place) -> Any:
    """One of several classes, by the key `type`."""
    choices, usual = _CHOICES[kind]
    if isinstance(given, tuple(choices.values())):
        return given
    if not isinstance(given, Mapping):
        raise here.wrong(f"must be a table, not {_called(given)}")
    name = given.get("type", usual)
    if name is None:
        raise here.at("type").wrong(f"is missing: known are {', '.join(sorted(choices))}")
    if name not in choices:
        raise here.at("type").wrong(_unknown(str(name), choices))
    made = _object(choices[name], {key: value for key, value in given.items() if key != "type"}, here)
    if kind is AuthScheme and not all(VARIABLE.fullmatch(variable) for variable in made.variables):
        raise here.wrong("names environment variables, in capitals, and never holds the credential itself")
    return made


def _classes(module: types.ModuleType, does: str) -> dict[str, type[Any]]:
    """The public dataclasses of a module that have a method."""
    return {
        name: found
        for name, found in vars(module).items()
        if is_dataclass(found) and isinstance(found, type) and hasattr(found, does) and not name.startswith("_")
    }


_CHOICES: Mapping[Any, tuple[dict[str, type[Any]], str | None]] = {
    AuthScheme: (_classes(auth, "sign"), "Token"),
    Paginator: (_classes(pagination, "page_flow"), None),
    QueryLanguage: (_classes(arguments, "read"), "Arguments"),
}
"""What a declaration leaves open -> the classes that fit, and the one that is meant where none is named."""


def _required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _named(table: Json, here: Place) -> dict[str, Json]:
    if not isinstance(table, dict):
        raise here.wrong(f"must be tables by name: [{here.key}.a_name]")
    return table


def _unknown(name: str, known: Iterable[str]) -> str:
    names = [str(one) for one in known]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}."
    return f"{name!r} is not known here: {hint}"


_NAMES: Mapping[type[Any], str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _called(given: Json) -> str:
    """The kind of a value in words; never the value, which may be a credential."""
    kind = type(given)
    return _NAMES.get(kind) or {dict: "a table", list: "a list", type(None): "null"}.get(kind, kind.__name__)


# Whether what is declared can work


def _tried(platform: Platform, here: Place) -> None:
    """Builds every request once, so that a mistake shows when the file is read and not in the middle of a run."""
    if not platform.base_url.startswith("https://"):
        raise here.at("base_url").wrong('must be an https URL: base_url = "https://api.acme.example/v1"')
    for endpoint in platform.endpoints:
        at = here.at("endpoints").at(endpoint.name)
        if not endpoint.path.startswith("/"):
            raise at.at("path").wrong("must start with /")
        try:
            _asked(platform, endpoint)
        except (DeclarationError, ValueError, TypeError, AttributeError) as error:
            raise at.wrong(f"cannot be asked for: {error}") from None


def _asked(platform: Platform, endpoint: Endpoint) -> None:
    request = platform.request(endpoint, dict.fromkeys([*endpoint.placeholders, *endpoint.parents], "1"))
    endpoint.paginator.continues(endpoint.paginator.sized(request, 1))
