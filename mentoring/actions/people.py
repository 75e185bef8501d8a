"""Writing an import's plan into the roster."""

from collections.abc import Callable
from typing import Any

from mentoring.batches import batches
from mentoring.models import Person
from mentoring.people.draft import FIELDS, Draft, Known
from mentoring.people.plan import NULLABLE, Plan

BATCH = 2000
UPDATED = [*FIELDS, "attributes", "manager", "updated_at"]
Progress = Callable[[int], None]


def write_plan(plan: Plan, *, progress: Progress) -> None:
    """Create and change people in batches, inside the caller's transaction.

    Managers come before those who answer to them, so that every row is written once. Addresses that
    change hands are emptied first: two people may swap theirs within one file.
    """
    done = 0
    Person.objects.filter(pk__in=[leaver.id for leaver in plan.released]).update(email="")
    for batch in batches(plan.changed, BATCH):
        moving = [draft.known.id for draft in batch if draft.known and _moves_address(draft)]
        Person.objects.filter(pk__in=moving).update(email="")
    for level in by_depth(plan.new):
        for batch in batches(level, BATCH):
            created = Person.objects.bulk_create([_person(draft) for draft in batch])
            for draft, person in zip(batch, created, strict=True):
                draft.pk = person.pk
            done += len(batch)
            progress(done)
    for batch in batches(plan.changed, BATCH):
        Person.objects.bulk_create(
            [_person(draft) for draft in batch],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=UPDATED,
        )
        done += len(batch)
        progress(done)


def by_depth(drafts: list[Draft]) -> list[list[Draft]]:
    """New people in layers: first those whose manager is known or nobody, then who answers to these."""
    depths: dict[int, int] = {}
    layers: list[list[Draft]] = []
    for draft in drafts:
        path = []
        node: Draft | Known | None = draft
        while isinstance(node, Draft) and node.known is None and id(node) not in depths:
            path.append(node)
            node = node.manager
        base = depths.get(id(node), -1)
        for offset, member in enumerate(reversed(path), start=1):
            depths[id(member)] = base + offset
    for draft in drafts:
        depth = depths[id(draft)]
        while len(layers) <= depth:
            layers.append([])
        layers[depth].append(draft)
    return layers


def _moves_address(draft: Draft) -> bool:
    return any(name == "email" for name, _old, _new in draft.changes)


def _person(draft: Draft) -> Person:
    """The row as it shall be: what the file says over what the roster has."""
    known = draft.known
    values: dict[str, Any] = dict(zip(FIELDS, known.values, strict=True)) if known else {}
    if known is None:
        values |= {name: _filled(name, value) for name, value in draft.values.items()}
    values |= {name: new for name, _old, new in draft.changes if name in FIELDS}
    attributes = {**(known.attributes if known else {}), **draft.attributes}
    return Person(
        pk=known.id if known else None,
        manager_id=_manager_id(draft),
        attributes={name: text for name, text in attributes.items() if text},
        **values,
    )


def _filled(name: str, value: Any) -> Any:
    return value if value is not None or name in NULLABLE else ""


def _manager_id(draft: Draft) -> int | None:
    if draft.known is not None and not any(name == "manager" for name, _old, _new in draft.changes):
        return draft.known.manager_id
    manager = draft.manager
    if isinstance(manager, Known):
        return manager.id
    if manager is None:
        return None
    return manager.known.id if manager.known is not None else manager.pk
