"""Answers of one side in bulk, in the four shapes that comparators read. All know who did not answer."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.hours import offset_minutes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ChoiceSets:
    """Several choices a person: `chosen` (people, choices) bool. Nobody's empty row counts as an answer
    unless `answered` (people,) says so. Both sides need the same choices in the same order."""

    chosen: Bools
    answered: Bools

    @classmethod
    def of(cls, chosen: ArrayLike, answered: ArrayLike | None = None) -> "ChoiceSets":
        matrix = np.asarray(chosen, dtype=bool)
        if matrix.ndim != 2:
            raise ValueError(f"chosen: must have two dimensions, has {matrix.ndim}")
        known = matrix.any(axis=1) if answered is None else np.asarray(answered, dtype=bool)
        if known.shape != (len(matrix),):
            raise ValueError(f"answered: shape {known.shape}, expected ({len(matrix)},)")
        return cls(matrix, known | matrix.any(axis=1))

    @classmethod
    def from_lists(cls, rows: Sequence[Iterable[Hashable]], choices: Sequence[Hashable]) -> "ChoiceSets":
        """One iterable of choice keys per person; ValueError for a key that `choices` has not."""
        position = {choice: index for index, choice in enumerate(choices)}
        people, columns = [], []
        for person, keys in enumerate(rows):
            for key in keys:
                if key not in position:
                    raise ValueError(f"choice {key!r} of person {person} is not among the choices")
                people.append(person)
                columns.append(position[key])
        return cls.from_pairs(len(rows), len(choices), people, columns)

    @classmethod
    def from_pairs(cls, people: int, choices: int, person: ArrayLike, choice: ArrayLike) -> "ChoiceSets":
        """From two index arrays of equal length, as a query returns them: `person[i]` chose `choice[i]`."""
        matrix = np.zeros((people, choices), dtype=bool)
        matrix[np.asarray(person, dtype=np.int64), np.asarray(choice, dtype=np.int64)] = True
        return cls.of(matrix)

    @classmethod
    def joined(cls, sets: Sequence["ChoiceSets"]) -> "ChoiceSets":
        """Several questions as one: all their choices side by side; answered if any of them was."""
        return cls.of(
            np.concatenate([one.chosen for one in sets], axis=1),
            np.any([one.answered for one in sets], axis=0),
        )


@dataclass(frozen=True, eq=False)
class Categories:
    """One choice a person: `codes` (people,) int, the same code for the same choice on both sides,
    -1 for no answer."""

    codes: Ints

    @classmethod
    def of(cls, codes: ArrayLike) -> "Categories":
        array = np.asarray(codes)
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise ValueError("codes: must be one row of whole numbers, -1 for no answer")
        return cls(array.astype(np.int64))

    @classmethod
    def from_values(cls, values: Sequence[Any], choices: Sequence[Any]) -> "Categories":
        """One value a person; None and "" are no answer; ValueError for a value not among `choices`."""
        position = {choice: index for index, choice in enumerate(choices)}
        codes = []
        for person, value in enumerate(values):
            if value is None or value == "":
                codes.append(-1)
            elif value in position:
                codes.append(position[value])
            else:
                raise ValueError(f"choice {value!r} of person {person} is not among the choices")
        return cls.of(np.array(codes, dtype=np.int64))

    @property
    def answered(self) -> Bools:
        return self.codes >= 0


@dataclass(frozen=True, eq=False)
class Numbers:
    """One number a person: `values` (people,) float, nan for no answer. Both sides in the same unit."""

    values: NDArray[np.float64]

    @classmethod
    def of(cls, values: ArrayLike) -> "Numbers":
        array = np.asarray(values, dtype=np.float64)
        if array.ndim != 1:
            raise ValueError("values: must be one row of numbers, nan for no answer")
        if np.isinf(array).any():
            raise ValueError("values: a number is infinite")
        return cls(array)

    @property
    def answered(self) -> Bools:
        return ~np.isnan(self.values)


@dataclass(frozen=True, eq=False)
class Zones:
    """One time zone a person: `minutes` (people,) ahead of UTC, -1 where `answered` is False."""

    minutes: Ints
    answered: Bools

    @classmethod
    def of(cls, names: Sequence[str | None], on: date) -> "Zones":
        """IANA names as they stand `on` that day; None, "" and an unknown name are no answer."""
        offsets = [offset_minutes(name, on) if name else None for name in names]
        known = np.array([offset is not None for offset in offsets], dtype=bool)
        minutes = np.array([-1 if offset is None else offset for offset in offsets], dtype=np.int64)
        return cls(minutes, known)


Feature = ChoiceSets | Categories | Numbers | Zones
