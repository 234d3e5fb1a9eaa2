"""Resources of SageMaker that this cloud keeps itself, by kind and by region."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.clouds.aws.calls import CloudError, output_members, service_model

Members = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of resource; what it does beyond this is in the module of its subject."""

    name: str
    """As in `Create<name>`."""
    key: str
    """The member that names one."""
    asked: str = ""
    """The member by which one is asked for; `key` by default. A name or an ARN does."""
    arn: str
    """The last part of the ARN; `{}` is the name."""
    arn_member: str
    status: str | None = None
    """The member that tells its state."""
    created: str | None = None
    """The state once it is made."""
    creating: str | None = None
    """The state before; shown for as many descriptions as the cloud's pace says."""
    plural: str = ""
    """As in `List<plural>`; the name with an `s` by default."""
    missing: tuple[str, str] = ("ResourceNotFound", 'Could not find resource "{arn}".')
    exists: tuple[str, str] = ("ResourceInUse", "{name} already exists: {arn}")
    service: str = "sagemaker"
    """In the ARN."""
    case_matters: bool = True
    """Whether names that differ in case only are two names."""
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    """Members that have another name when listed: the listed name and the described one."""

    @property
    def list_operation(self) -> str:
        """The operation that lists them."""
        return f"List{self.plural or self.name + 's'}"


@dataclass
class Record:
    """One resource: what Describe answers, its tags, and what is due to it."""

    kind: Kind
    region: str
    key: str
    arn: str
    members: Members
    tags: dict[str, str] = field(default_factory=dict[str, str])
    settle: Callable[[], None] | None = None
    """What makes a passing state the final one."""
    shown: int = 0
    """Descriptions for which the passing state is still shown."""
    hidden: Members = field(default_factory=dict[str, Any])
    """What no description answers."""

    @property
    def status(self) -> str | None:
        """Its state, in the service's words."""
        return self.members.get(self.kind.status) if self.kind.status else None

    def become(self, status: str, **members: Any) -> None:
        """Change the state, and what changes with it."""
        assert self.kind.status is not None
        self.change(**{self.kind.status: status, **members})

    def change(self, **members: Any) -> None:
        """Change members; `None` takes one away."""
        for name, value in members.items():
            if value is None:
                self.members.pop(name, None)
            else:
                self.members[name] = value
        self.members["LastModifiedTime"] = now()

    def described(self) -> Members:
        """Return what Describe answers: of its members those that the service's model knows."""
        known = output_members(service_model("sagemaker"), f"Describe{self.kind.name}")
        return {name: value for name, value in self.members.items() if name in known}


class Store:
    """All records."""

    def __init__(self, account: str) -> None:
        self.account = account
        self._records: dict[tuple[str, str], dict[str, Record]] = {}

    def arn(self, kind: Kind, region: str, key: str) -> str:
        """Return the ARN that a resource has."""
        return f"arn:aws:{kind.service}:{region}:{self.account}:{kind.arn.format(key)}"

    def add(self, kind: Kind, region: str, key: str, members: Mapping[str, Any]) -> Record:
        """Make a record.

        Raises:
            CloudError: when there is one of this name.
        """
        arn = self.arn(kind, region, key)
        if self.find(kind, region, key) is not None:
            raise _error(kind.exists, kind, key, arn)
        made = now()
        kept = {name: value for name, value in members.items() if name != "Tags"}
        times = {"CreationTime": made, "LastModifiedTime": made, **_author()}
        record = Record(
            kind, region, key, arn, {**kept, kind.key: key, kind.arn_member: arn, **times}
        )
        record.tags.update(tags_of(members.get("Tags") or ()))
        self._of(kind, region)[key] = record
        return record

    def find(self, kind: Kind, region: str, key: str) -> Record | None:
        """Return the record of a name or of an ARN."""
        records = self._of(kind, region)
        if key.startswith("arn:"):
            return next((record for record in records.values() if record.arn == key), None)
        if key in records or kind.case_matters:
            return records.get(key)
        return next((one for one in records.values() if one.key.lower() == key.lower()), None)

    def get(self, kind: Kind, region: str, key: str) -> Record:
        """Return the record of a name or of an ARN.

        Raises:
            CloudError: when there is none.
        """
        record = self.find(kind, region, key)
        if record is None:
            arn = key if key.startswith("arn:") else self.arn(kind, region, key)
            raise _error(kind.missing, kind, key, arn)
        return record

    def remove(self, record: Record) -> None:
        """Forget a record."""
        self._of(record.kind, record.region).pop(record.key, None)

    def all(self, kind: Kind, region: str) -> Sequence[Record]:
        """Return the records of a kind, oldest first."""
        return list(self._of(kind, region).values())

    def by_arn(self, arn: str) -> Record | None:
        """Return whatever has the ARN."""
        return next((record for record in self.everything() if record.arn == arn), None)

    def everything(self) -> Iterator[Record]:
        """Yield every record."""
        for records in list(self._records.values()):
            yield from list(records.values())

    def _of(self, kind: Kind, region: str) -> dict[str, Record]:
        return self._records.setdefault((kind.name, region), {})


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def tags_of(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return tags as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def _author() -> Members:
    return {"CreatedBy": {}, "LastModifiedBy": {}}


def _error(told: tuple[str, str], kind: Kind, key: str, arn: str) -> CloudError:
    code, message = told
    return CloudError(code, message.format(name=kind.name, key=key, arn=arn))
