"""Turn a resource's inputs into the API body that its provider sends, and judge that.

Two rules name most members. An argument is the member of the same name, whatever the case
(`kmsKeyId` is `KmsKeyId`). And a list argument may have the plural of a singular member: Pulumi's
bridge pluralises every list (pulumi-terraform-bridge, `pkg/tfbridge/names.go`). All else stands in
a `Translation`'s tables. What neither names is a finding: no argument passes unchecked.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.walkers.discovery import INT64_PATTERNS
from tests.contract.walkers.finding import Finding, Rule, join
from tests.contract.walkers.shape import Kind, Shape
from tests.contract.walkers.walk import is_opaque, walk

Check = Callable[[object, str], Iterator[Finding]]
"""A rule that no model holds: takes a value and its place."""

_INDEX = re.compile(r"\[\d+\]")
_UNREADABLE = {"$unknown": True}
"""Stands for a text that means nothing: its own finding is enough."""


@dataclass(frozen=True, kw_only=True)
class Translation:
    """How one resource's inputs become one API body.

    Inputs are named by their dotted place, `[]` for any index: `rules[].filter.and`.
    """

    shape: Callable[[], Shape]
    """The body."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Input to member, dotted from the enclosing API object, or from the root after `/`.
    A final `[]` puts the value into a list."""
    local: frozenset[str] = frozenset()
    """Inputs that the provider keeps to itself, puts into the path, or sends in a shape of its own
    that only the SDK's types can judge."""
    elsewhere: Mapping[str, Callable[[], Shape]] = field(
        default_factory=dict[str, Callable[[], Shape]]
    )
    """Inputs that another operation takes, with the shape there."""
    filled: frozenset[str] = frozenset()
    """Required members that the provider fills when the input is left out."""
    texts: frozenset[str] = frozenset()
    """Inputs that are JSON texts of what the API takes as it is."""
    keyed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Lists that the API keys by this member of each item."""
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    """Further rules by input."""


def check_inputs(translation: Translation, inputs: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the API would refuse in `inputs`, at the inputs' own places."""
    translated = _Pass(translation, translation.shape())
    body = translated.run(inputs)
    yield from translated.findings
    for finding in walk(translated.root, body):
        if not _is_filled(finding, translation.filled):
            yield translated.located(finding)
    yield from further(translation.checks, inputs)


def api_body(
    translation: Translation, inputs: Mapping[str, Any]
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Return the body for `inputs`, and the place in it of each input that has one."""
    translated = _Pass(translation, translation.shape())
    body = translated.run(inputs)
    return body, translated.places()


def member_of(
    translation: Translation, key: str, shape: Shape, place: str, *, is_list: bool
) -> str | None:
    """Return the member of `shape` that the input `key` at `place` is; None when there is none."""
    named = translation.names.get(place)
    if named is not None:
        return named
    names = [key.lower(), *(_singulars(key.lower()) if is_list else ())]
    return next((shape.folded[name] for name in names if name in shape.folded), None)


def _is_filled(finding: Finding, filled: frozenset[str]) -> bool:
    return finding.rule is Rule.REQUIRED and _any_index(finding.path) in filled


def _any_index(path: str) -> str:
    return _INDEX.sub("[]", path)


def further(checks: Mapping[str, Check], value: object, path: str = "") -> Iterator[Finding]:
    """Yield what `checks` refuse in `value`; a check's place may end in `*`, for any key."""
    if value is None or is_opaque(value):
        return
    place = _any_index(path)
    check = checks.get(place) or checks.get(f"{place.rpartition('.')[0]}.*")
    if check is not None:
        yield from check(value, path)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from further(checks, item, join(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from further(checks, item, f"{path}[{index}]")


class _Pass:
    """One run over one resource's inputs; remembers where each part of the body came from."""

    def __init__(self, translation: Translation, root: Shape) -> None:
        self._translation = translation
        self.root = root
        self.findings: list[Finding] = []
        self._origins: dict[str, str] = {"": ""}
        self._body: dict[str, Any] = {}

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body for `inputs`."""
        self._fill(self._body, inputs, self.root, "", "")
        return self._body

    def places(self) -> Mapping[str, str]:
        """Return the place in the body of each input, not of what is nested in it."""
        found: dict[str, str] = {}
        for api, origin in self._origins.items():
            if api and origin and not {".", "["} & set(origin):
                found.setdefault(origin, api)
        return found

    def located(self, finding: Finding) -> Finding:
        """Return `finding` at the place in the inputs that its place in the body came from."""
        known = finding.path
        while known not in self._origins:
            known = known[: max(known.rfind("."), known.rfind("["), 0)]
        rest = finding.path[len(known) :].lstrip(".")
        path = ".".join(part[:1].lower() + part[1:] for part in rest.split(".") if part)
        origin = self._origins[known]
        return Finding(
            path=origin if not path else origin + path if path[0] == "[" else join(origin, path),
            rule=finding.rule,
            value=finding.value,
            message=finding.message,
            source=finding.source,
        )

    def _fill(
        self, body: dict[str, Any], inputs: Mapping[str, Any], shape: Shape, path: str, api: str
    ) -> None:
        for key, given in inputs.items():
            place = join(path, key)
            if given is None or _any_index(place) in self._translation.local:
                continue
            value = self._meant(given, place)
            other = self._translation.elsewhere.get(_any_index(place))
            if other is not None:
                self._apart(other(), value, place)
                continue
            target = self._target(key, value, shape, place)
            if target is None:
                self._untranslated(place, value, shape)
            elif target.startswith("/"):
                self._put(self._body, self.root, "", target[1:], value, place)
            else:
                self._put(body, shape, api, target, value, place)

    def _meant(self, value: Any, place: str) -> Any:
        """Return what a text of JSON, or a list that the API keys, means."""
        named = _any_index(place)
        if named in self._translation.texts and isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError as error:
                self.findings.append(
                    Finding(
                        path=place,
                        rule=Rule.FORMAT,
                        value=value,
                        message=f"is not JSON: {error}",
                        source=self.root.source,
                    )
                )
                return dict(_UNREADABLE)
        key = self._translation.keyed.get(named)
        return value if key is None or is_opaque(value) else {item[key]: item for item in value}

    def _target(self, key: str, value: object, shape: Shape, place: str) -> str | None:
        return member_of(
            self._translation, key, shape, _any_index(place), is_list=isinstance(value, list)
        )

    def _untranslated(self, place: str, value: object, shape: Shape) -> None:
        message = "has no translation to the API; add it to the token's table with its source"
        self.findings.append(
            Finding(
                path=place, rule=Rule.TRANSLATION, value=value, message=message, source=shape.source
            )
        )

    def _apart(self, shape: Shape, value: object, place: str) -> None:
        """Judge what another operation takes: translated alike, walked alone."""
        inner = _Pass(self._translation, shape)
        inner._origins = {"": place}
        body = inner._value(value, shape, place, "")
        self.findings.extend(inner.findings)
        self.findings.extend(inner.located(finding) for finding in walk(shape, body))

    def _put(  # noqa: PLR0917 - the two sides' places travel together
        self, body: dict[str, Any], shape: Shape, api: str, target: str, value: object, place: str
    ) -> None:
        steps = target.split(".")
        for step in steps[:-1]:
            api = join(api, step)
            self._origins.setdefault(api, place.rpartition(".")[0])
            shape = shape.members[step].shape
            body = body.setdefault(step, {})
        last = steps[-1]
        name = last.removesuffix("[]")
        api = join(api, name)
        self._origins[api] = place
        member = shape.members[name].shape
        if not last.endswith("[]"):
            body[name] = self._value(value, member, place, api)
            return
        assert member.item is not None, f"`{target}`: not a list"
        self._origins[f"{api}[0]"] = place
        body[name] = [self._value(value, member.item(), place, f"{api}[0]")]

    def _value(  # noqa: PLR0911 - one line for each kind of value
        self, value: Any, shape: Shape, place: str, api: str
    ) -> object:
        if is_opaque(value):
            return value
        if shape.choices and isinstance(value, Mapping):
            chosen = shape.choices.get(str(value.get(shape.discriminator)))
            # Without its discriminator the object stays as it is, for the walker to say so.
            return value if chosen is None else self._value(value, chosen(), place, api)
        if shape.kind is Kind.OBJECT and isinstance(value, list) and len(value) == 1:
            # A block of one that the bridge left a list, where the API has the object itself.
            place = f"{place}[0]"
            self._origins[api] = place
            return self._value(value[0], shape, place, api)
        if shape.kind is Kind.OBJECT and isinstance(value, Mapping):
            body: dict[str, Any] = {}
            self._fill(body, value, shape, place, api)
            return body
        if shape.kind is Kind.LIST:
            return self._items(value, shape, place, api)
        if shape.kind is Kind.MAP and isinstance(value, Mapping) and shape.item is not None:
            return self._entries(value, shape.item(), place, api)
        if shape.pattern in INT64_PATTERNS and isinstance(value, int | float):
            return str(int(value))  # 64-bit numbers are numbers in Pulumi, strings in Google's JSON
        return value

    def _entries(
        self, value: Mapping[str, Any], item: Shape, place: str, api: str
    ) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, element in value.items():
            self._origins[join(api, key)] = join(place, key)
            found[key] = self._value(element, item, join(place, key), join(api, key))
        return found

    def _items(self, value: Any, shape: Shape, place: str, api: str) -> object:
        item = shape.item() if shape.item else None
        if item is None:
            return value
        pair = _pair(item)
        if isinstance(value, Mapping) and pair is not None:
            return self._pairs(value, pair, place, api)
        if isinstance(value, Mapping) and item.kind is Kind.OBJECT:
            # A list of one that the bridge made the object itself.
            self._origins[f"{api}[0]"] = place
            return [self._value(value, item, place, f"{api}[0]")]
        if not isinstance(value, list):
            return value
        found: list[object] = []
        for index, element in enumerate(value):
            self._origins[f"{api}[{index}]"] = f"{place}[{index}]"
            found.append(self._value(element, item, f"{place}[{index}]", f"{api}[{index}]"))
        return found

    def _pairs(
        self, value: Mapping[str, Any], pair: tuple[str, str], place: str, api: str
    ) -> list[dict[str, object]]:
        """Spell a map of tags as the API's list of keys and values."""
        key_name, value_name = pair
        for index, key in enumerate(value):
            entry = f"{api}[{index}]"
            for part in (entry, f"{entry}.{key_name}", f"{entry}.{value_name}"):
                self._origins[part] = join(place, key)
        return [{key_name: key, value_name: element} for key, element in value.items()]


def _singulars(name: str) -> Iterator[str]:
    """Yield what `name` may be the plural of."""
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if name.endswith(ending):
            yield name.removesuffix(ending) + singular


# Tags of most services, dimensions of CloudWatch, tags of KMS.
_PAIRS = (("key", "value"), ("name", "value"), ("tagkey", "tagvalue"))


def _pair(item: Shape) -> tuple[str, str] | None:
    """Return the names of a key's and a value's member when `item` is such a pair."""
    if item.kind is not Kind.OBJECT:
        return None
    for key, value in _PAIRS:
        if key in item.folded and value in item.folded and len(item.folded) == 2:
            return item.folded[key], item.folded[value]
    return None
