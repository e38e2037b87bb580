"""Which terms may stand where: follows the place of a validation error through the models, past the tags of unions.

The place of an error names more than keys: where one of several kinds of terms may stand it also names the kind
(``claims, admissions, year``: kind ``admissions``, key ``year``). Only the models can tell which is which.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, WithJsonSchema
from pydantic.fields import FieldInfo

from fundsim.scenario.problems import Steps
from fundsim.terms import KEY

CITING = ("clause", "source", "note")
"""Keys that every block may have."""


@dataclass(frozen=True)
class Kind:
    """One of the types that a value may have."""

    type: Any
    tag: str | None = None
    """By which validation errors name it among its alternatives."""
    example: str | None = None

    @property
    def model(self) -> type[BaseModel] | None:
        """The model, if it is one."""
        return self.type if isinstance(self.type, type) and issubclass(self.type, BaseModel) else None


@dataclass(frozen=True)
class Spot:
    """Where an error is, and what may stand there."""

    way: Steps
    kinds: tuple[Kind, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that may be written there, the citing ones last."""
        models = (kind.model for kind in self.kinds if kind.model is not None)
        names = dict.fromkeys(key for model in models for key in keys_of(model))
        return (*(name for name in names if name not in CITING), *(name for name in CITING if name in names))

    @property
    def example(self) -> str | None:
        """A value that could be written there."""
        return next((kind.example for kind in self.kinds if kind.example), None)

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of the kinds to choose from."""
        return tuple(kind.tag for kind in self.kinds if kind.tag)


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model, as files write them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def spot(root: type[BaseModel], loc: Steps) -> Spot:
    """Follow the place of an error from the model of a whole file."""
    way: list[str | int] = []
    here: tuple[Kind, ...] = (Kind(root),)
    chosen = True
    for step in loc:
        if step == KEY:
            way.append(KEY)
        elif not chosen:
            here, chosen = _choice(here, str(step)), True
        elif below := tuple(found for kind in here for found in _below(kind.type, step)):
            here, chosen = below, sum(kind.type is not type(None) for kind in below) == 1
            way.append(step)
    return Spot(tuple(way), here)


def _choice(kinds: tuple[Kind, ...], name: str) -> tuple[Kind, ...]:
    """The kind that an error names among alternatives: by its tag, or by its type, as in ``dict[str,str]``."""
    by_tag = tuple(Kind(kind.type, example=kind.example) for kind in kinds if kind.tag == name)
    by_type = tuple(kind for kind in kinds if _type_name(kind.type) == name.split("[")[0])
    return by_tag or by_type or kinds


def _type_name(kind: Any) -> str:
    return str(getattr(get_origin(kind) or kind, "__name__", ""))


def _below(kind: Any, step: str | int) -> Iterator[Kind]:
    """The kinds of value one step down from a value of this type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step == (field.alias or name):
                yield from _kinds(field)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict and isinstance(step, str):
        yield from _kinds(arguments[1])
    elif origin in (list, tuple) and isinstance(step, int):
        yield from _kinds(arguments[0])


def _kinds(annotation: Any, discriminator: str | None = None) -> Iterator[Kind]:
    """The alternatives that an annotation allows, with their tags."""
    if isinstance(annotation, FieldInfo):
        yield from _annotated(annotation.annotation, annotation.metadata, annotation.discriminator)
    elif get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        named = next((item.discriminator for item in metadata if isinstance(item, FieldInfo)), None)
        yield from _annotated(inner, metadata, named or discriminator)
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _kinds(member, discriminator)
    else:
        yield Kind(annotation, _tag(annotation, discriminator))


def _annotated(inner: Any, metadata: list[Any], discriminator: Any) -> Iterator[Kind]:
    tag = next((item.tag for item in metadata if isinstance(item, Tag)), None)
    schemas = [item.json_schema or {} for item in metadata if isinstance(item, WithJsonSchema)]
    example = next((str(schema["examples"][0]) for schema in schemas if "examples" in schema), None)
    for kind in _kinds(inner, discriminator if isinstance(discriminator, str) else None):
        yield Kind(kind.type, tag or kind.tag, example or kind.example)


def _tag(annotation: Any, discriminator: str | None) -> str | None:
    """The word by which a model is told from its alternatives."""
    if discriminator is None or not isinstance(annotation, type) or not issubclass(annotation, BaseModel):
        return None
    word = annotation.model_fields[discriminator].annotation
    return str(get_args(word)[0]) if get_origin(word) is Literal else None
