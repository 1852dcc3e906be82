"""Names, titles and sentences of made-up rows."""

from __future__ import annotations

from dataclasses import dataclass

from ...paths import Json
from .. import words
from ..entities import ATTRIBUTES, PEOPLE
from ..keys import mix, salt
from . import fields
from .scope import Maker, Recipe, Scope


@dataclass(frozen=True, slots=True)
class Texts:
    """Makers of what people write, for the rows of one list."""

    recipe: Recipe

    def maker(self, value: str, path: tuple[str, ...]) -> Maker:
        """A maker of texts like the example that stands at the path; a word that says no more stays as it is."""
        plain = path[-1].lower() if path else ""
        if fields.EMAIL.fullmatch(value):
            return self._human("email")
        if "://" in value or fields.MARKUP.search(value) or plain.endswith(("timezone", "tz_label")):
            return _markup(value) if value.startswith("<") and value.endswith(">") else lambda _: value
        if attribute := fields.NAMED.get(plain.replace("_", "")):
            return self._human(attribute)
        if plain == "companyname":
            return lambda scope: words.company(scope.number)
        if plain in fields.TITLES:
            return self._title(value, path)
        if plain in fields.PROSE or (value.count(" ") > 2 and plain not in fields.LABELS):
            return self._prose(path)
        return lambda _: value

    def _human(self, attribute: str) -> Maker:
        """A name or an address: the person's own where the row is one, else somebody's."""
        world = self.recipe.entities

        def make(scope: Scope) -> Json:
            if scope.own and scope.kind and scope.kind in PEOPLE:
                return world.attribute(scope.kind, scope.thing, attribute)
            return world.attribute("", scope.number, attribute)

        return make

    def _prose(self, path: tuple[str, ...]) -> Maker:
        """A sentence about what the row is about."""
        world, kind = self.recipe.entities, self.recipe.kind
        if "text" not in ATTRIBUTES.get(kind, {}):
            return lambda scope: words.sentence(mix(scope.number, _PROSE_SALT))
        if len(path) < 2:
            return lambda scope: world.attribute(kind, scope.thing, "text")
        mark = salt("prose", *path)
        return lambda scope: world.attribute(kind, mix(scope.number, mark) % world.size, "text")

    def _title(self, value: str, path: tuple[str, ...]) -> Maker:
        holder = path[-2] if len(path) > 1 else ""
        of_person = holder in fields.PEOPLE
        if fields.chosen(path[:-1]) or (path[-1] == "title" and (of_person or self.recipe.people)):
            return lambda _: value
        if of_person or (self.recipe.people and not holder):
            return self._human("username" if value.islower() else "name")
        if len(path) == 1 and (attribute := self._own_name(path[0])):
            return attribute
        if fields.SLUG.fullmatch(value):
            return lambda scope: words.slug(scope.number)
        return lambda scope: words.title(scope.number)

    def _own_name(self, name: str) -> Maker | None:
        """What the thing is called, where its kind has a name of its own."""
        world, kind = self.recipe.entities, self.recipe.kind
        known = {} if kind in PEOPLE else ATTRIBUTES.get(kind, {})
        found = name if name in known else next((one for one in ("name", "title") if one in known), None)
        if found is None:
            return None
        return lambda scope: world.attribute(kind, scope.thing, found)


def _markup(value: str) -> Maker:
    """A sentence between the tags of the example."""
    opening, closing = value[: value.index(">") + 1], value[value.rindex("<") :]
    return lambda scope: f"{opening}{words.sentence(mix(scope.number, _PROSE_SALT))}{closing}"


_PROSE_SALT = salt("prose")
