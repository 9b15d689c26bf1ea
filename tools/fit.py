"""The weights of harvester.assess: fitted on judged entries, with figures that the entries judged them by did not help.

    python -m tools.fit EXPORT JUDGED [--write]

EXPORT are the JSON lines of `harvester export`, JUDGED is entries.jsonl of the judged set (`any_of`, `what`, `civic`,
`toolbox`). Every figure is printed twice: of weights fitted on all entries (`fitted`), and five-fold: each entry judged
by weights that no entry of its owner or its name had part in (`five-fold`), in every stage. They may differ by 0.05 at
most, or the fit knows its entries by heart. `--write` writes the weights files; the threshold of what is listed is
chosen on the five-fold figures, where precision and recall are alike.

The regressions are logistic with a penalty on the squares of how far the weights are from those that a reader found
before (tools/data/fit.*.json: from 1,611 other recorded entries that one reader told apart, rounded; the judged entries
alone say too little of rare words), fitted by Nesterov's accelerated gradient with restarts
(https://doi.org/10.1007/s10208-013-9150-3). These first weights know owners that judged entries have too: of an owner
never seen the five-fold figures say somewhat too much (docs/decisions tell how much).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from harvester.assess.assessment import declared_artefact
from harvester.assess.features import Seen, Subject, features
from harvester.catalogue import codec
from harvester.model import ARTEFACTS, FIELDS, Fields, Identifier

Matrix = NDArray[np.float64]

FOLDS = 5
DATA = Path(__file__).parents[1] / "harvester" / "assess" / "data"
TOOLS = ("application", "library", "addon")
LEAST_ENTRIES = 4
"""Of a plain word, and of any other feature: what fewer judged entries have gets no weight."""
PENALTY = {"artefact": 90.0, "civic": 60.0, "toolbox": 70.0}
LEAST_WEIGHT = 0.005
OF_STAGES = 8.0
STEPS = 120
READ_BEFORE = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Entry:
    """A judged entry: what a reader said of it, what is seen of it, and what it may not share with another fold."""

    what: str
    civic: bool
    toolbox: str
    declared: str | None
    seen: Mapping[str, Seen]
    owner: str
    name: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits, prints, and writes where it is told to."""
    asked = argparse.ArgumentParser(prog="python -m tools.fit", description=__doc__)
    asked.add_argument("export", type=Path)
    asked.add_argument("judged", type=Path)
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args(arguments)
    entries = list(judged_entries(given.export, given.judged))
    figures, weights = fit(entries)
    print(json.dumps(figures, indent=1))
    if given.write:
        for name, table in weights.items():
            (DATA / f"assessment.{name}.json").write_text(written(table), encoding="utf-8")


def judged_entries(export: Path, judged: Path) -> Iterator[Entry]:
    """The judged entries that the export has, joined by any of their identifiers."""
    rows = [json.loads(line) for line in judged.read_text(encoding="utf-8").splitlines() if line.strip()]
    wanted = {identifier for row in rows for identifier in row["any_of"]}
    found: dict[str, dict[str, Any]] = {}
    for line in exported(export):
        for identifier in line["identifiers"]:
            if identifier in wanted:
                found.setdefault(identifier, line)
    for row in rows:
        yield from [entry(row, found[one]) for one in row["any_of"] if one in found][:1]


def exported(export: Path) -> Iterator[dict[str, Any]]:
    """Lines of an export."""
    with export.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def entry(row: Mapping[str, Any], line: Mapping[str, Any]) -> Entry:
    """One judged entry with what the export says of it."""
    of = subject(line)
    declared = declared_artefact(of)
    path = [part for part in urlsplit(of.fields.code_repository or "").path.split("/") if part]
    return Entry(
        what=row["what"],
        civic=row["civic"] == 2,
        toolbox=row["toolbox"],
        declared=declared[0] if declared else None,
        seen=features(of),
        owner=path[0].lower() if path else row["any_of"][0],
        name=(of.fields.name or "").lower(),
    )


def subject(line: Mapping[str, Any]) -> Subject:
    """What assessing looks at, from a line of the export."""
    return Subject(
        fields=said(line["fields"]),
        identifiers=tuple(Identifier(*one.split(":", 1)) for one in line["identifiers"]),
        sources=tuple(sorted({(source, reader.partition("/")[0]) for source, reader in line["sources"]})),
        relations=frozenset(one["type"] for one in line.get("relations", ())),
        copied_by=line.get("copiedBy", 0),
    )


def said(fields: Mapping[str, Any]) -> Fields:
    """What the sources say; what it is was concluded, and is what is to be told here."""
    known = {name: fields[declared.json] for name, declared in FIELDS.items() if declared.json in fields}
    known.pop("artefact", None)
    return codec.load(Fields, json.dumps(known))


def fold_of(entries: Sequence[Entry]) -> NDArray[np.int64]:
    """Each entry's fold: entries of one owner or one name, and of whoever shares one with these, are in one."""
    parents: dict[str, str] = {}

    def root(one: str) -> str:
        while parents.setdefault(one, one) != one:
            one = parents[one]
        return one

    for one in entries:
        parents[root("owner " + one.owner)] = root("name " + one.name)
    groups = [root("owner " + one.owner) for one in entries]
    load, folds = [0] * FOLDS, {}
    for group, size in sorted(Counter(groups).items(), key=lambda one: (-one[1], one[0])):
        folds[group] = load.index(min(load))
        load[folds[group]] += size
    return np.array([folds[group] for group in groups])


@dataclass(slots=True)
class Judgements:
    """What the three stages answer, a row for an entry: artefacts' probabilities, civic, toolbox."""

    what: Matrix
    civic: Matrix
    toolbox: Matrix


class Fitting:
    """The entries as matrices, and the three stages fitted on some of them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.fold = fold_of(entries)
        often = Counter(name for one in entries for name in one.seen)
        before = {name: json.loads((READ_BEFORE / f"fit.{name}.json").read_text(encoding="utf-8")) for name in PENALTY}
        known = {name for table in before.values() for name in table["weights"]}
        enough = {name for name, many in often.items() if many >= LEAST_ENTRIES and not name.startswith("word:")}
        self.names = sorted(name for name in enough | known if not name.startswith(_STAGES))
        column = {name: place for place, name in enumerate(self.names)}
        self.seen = np.zeros((len(entries), len(self.names)))
        for row, one in enumerate(entries):
            for name, seen in one.seen.items():
                if name in column:
                    self.seen[row, column[name]] = seen.value
        artefacts = [f"artefact:{artefact}" for artefact in ARTEFACTS]
        self.before = {
            "artefact": _start(before["artefact"], self.names, ARTEFACTS),
            "civic": _start(before["civic"], [*self.names, *artefacts]),
            "toolbox": _start(before["toolbox"], [*self.names, *artefacts, "civic:figure"]),
        }
        self.declared = np.array([ARTEFACTS.index(one.declared) if one.declared else -1 for one in entries])
        self.what = np.array([[one.what == artefact for artefact in ARTEFACTS] for one in entries], float)
        self.civic = np.array([[one.civic] for one in entries], float)
        self.toolbox = np.array([[one.toolbox == "yes"] for one in entries], float)

    def judged(self, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> tuple[Judgements, dict[str, Matrix]]:
        """Answers for `test` of weights fitted on `train`, and these; each stage learns from answers of the one before
        that the entry itself had no part in."""
        first, second, third = (self.penalties(one) for one in PENALTY)
        start = self.before

        def what_of(some: NDArray[np.bool_]) -> Matrix:
            return regress(self.seen[some], self.what[some], first, start["artefact"])

        weights = {"artefact": what_of(train)}
        what = self.whats(weights["artefact"], self.seen)
        apart = self.apart(train, lambda some, rest: self.whats(what_of(some), self.seen)[rest], what)
        after, after_apart = np.hstack([self.seen, what]), np.hstack([self.seen, apart])

        def civic_of(some: NDArray[np.bool_]) -> Matrix:
            return regress(after_apart[some], self.civic[some], second, start["civic"])

        weights["civic"] = civic_of(train)
        civic = answer(after, weights["civic"])
        apart = self.apart(train, lambda some, rest: answer(after_apart, civic_of(some))[rest], civic)
        last, last_apart = np.hstack([after, civic]), np.hstack([after_apart, apart])
        weights["toolbox"] = regress(last_apart[train], self.toolbox[train], third, start["toolbox"])
        toolbox = answer(last, weights["toolbox"])
        return Judgements(what[test], civic[test], toolbox[test]), weights

    def apart(
        self, train: NDArray[np.bool_], judged: Callable[[NDArray[np.bool_], NDArray[np.bool_]], Matrix], others: Matrix
    ) -> Matrix:
        """The answers for entries of `train`, each of weights that its own fold had no part in; else `others`."""
        found = others.copy()
        for number in np.unique(self.fold[train]):
            rest = train & (self.fold == number)
            found[rest] = judged(train & ~rest, rest)
        return found

    def whats(self, weights: Matrix, seen: Matrix) -> Matrix:
        """Artefacts' probabilities, what is declared before what is inferred."""
        found = answer(seen, weights)
        declared = self.declared >= 0
        found[declared] = np.eye(len(ARTEFACTS))[self.declared[declared]]
        return found

    def penalties(self, name: str) -> Matrix:
        """Of each column's squared distance; less of what earlier stages answered."""
        more = self.before[name].shape[0] - 1 - len(self.names)
        return np.array([PENALTY[name]] * len(self.names) + [OF_STAGES] * more)


_STAGES = ("artefact:", "civic:figure")


def _start(before: Mapping[str, Any], names: Sequence[str], answers: Sequence[str] | None = None) -> Matrix:
    """The weights to begin from, the bias last."""
    weights = before["weights"]
    if answers is None:
        return np.array([[weights.get(name, 0.0)] for name in names] + [[before["bias"]]])
    rows = [[weights.get(name, {}).get(one, 0.0) for one in answers] for name in names]
    return np.array([*rows, [before["bias"][one] for one in answers]])


def regress(seen: Matrix, true: Matrix, penalties: Matrix, start: Matrix) -> Matrix:
    """The weights of a logistic regression, a column for an answer and the bias as the last row: of exclusive answers
    where there are several."""
    rows = np.hstack([seen, np.ones((len(seen), 1))])
    ridge = np.append(penalties, 1e-3)[:, None]
    largest, steepest = np.ones(rows.shape[1]), 1.0
    for _ in range(20):  # by power iteration: the steepest that the curve can be
        largest = rows.T @ (rows @ largest)
        steepest = float(np.linalg.norm(largest))
        largest /= steepest
    step = 1 / (0.5 * steepest + float(ridge.max()))
    weights = ahead = start
    pace = 1.0
    for _ in range(STEPS):
        slope = rows.T @ (_chances(rows @ ahead) - true) + ridge * (ahead - start)
        after = ahead - step * slope
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        if float(((ahead - after) * (after - weights)).sum()) > 0:  # it went too far
            pace = faster = 1.0
        ahead = after + (pace - 1) / faster * (after - weights)
        weights, pace = after, faster
    return weights


def answer(seen: Matrix, weights: Matrix) -> Matrix:
    """What the weights say, a column for an answer."""
    return _chances(np.hstack([seen, np.ones((len(seen), 1))]) @ weights)


def _chances(odds: Matrix) -> Matrix:
    if odds.shape[1] == 1:
        return 1 / (1 + np.exp(-odds))
    powers = np.exp(odds - odds.max(axis=1, keepdims=True))
    found: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return found


def fit(entries: Sequence[Entry]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The figures, and the tables of weights by name."""
    fitting = Fitting(entries)
    everything = np.ones(len(entries), bool)
    apart = Judgements(*(np.zeros((len(entries), many)) for many in (len(ARTEFACTS), 1, 1)))
    for number in range(FOLDS):
        test = fitting.fold == number
        told, _ = fitting.judged(~test, test)
        apart.what[test], apart.civic[test], apart.toolbox[test] = told.what, told.civic, told.toolbox
    fitted, weights = fitting.judged(everything, everything)
    threshold = chosen_threshold(entries, apart.toolbox[:, 0])
    figures = {"five-fold": figures_of(entries, apart, threshold), "fitted": figures_of(entries, fitted, threshold)}
    names = {"artefact": fitting.names}
    names["civic"] = names["artefact"] + [f"artefact:{artefact}" for artefact in ARTEFACTS]
    names["toolbox"] = names["civic"] + ["civic:figure"]
    tables = {name: table(name, names[name], one, figures) for name, one in weights.items()}
    tables["toolbox"] = {"threshold": threshold} | tables["toolbox"]
    many = {name: len(one["weights"]) for name, one in tables.items()}
    return {"entries": len(entries), "features": many, "threshold": threshold, **figures}, tables


def table(name: str, features: Sequence[str], weights: Matrix, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The weights as their file has them: the heaviest first, what weighs next to nothing left out."""
    told = {
        kind: {key: value for key, value in one.items() if key.startswith(_STARTS[name])}
        for kind, one in figures.items()
    }
    found: dict[str, Any] = {}
    if weights.shape[1] == 1:
        rounded = {one: round(float(weight), 3) for one, weight in zip(features, weights[:-1, 0], strict=True)}
        kept = {one: weight for one, weight in rounded.items() if abs(weight) >= LEAST_WEIGHT}
        found = dict(sorted(kept.items(), key=lambda one: (-one[1], one[0])))
        return {"figures": told, "bias": round(float(weights[-1, 0]), 3), "weights": found}
    for one, row in zip(features, weights[:-1], strict=True):
        heavy = {
            artefact: round(float(weight), 3)
            for artefact, weight in zip(ARTEFACTS, row, strict=True)
            if abs(weight) >= 4 * LEAST_WEIGHT
        }
        if heavy:
            found[one] = dict(sorted(heavy.items(), key=lambda each: -each[1]))
    first = lambda one: (ARTEFACTS.index(next(iter(one[1]))), -next(iter(one[1].values())), one[0])  # noqa: E731
    bias = {artefact: round(float(weight), 3) for artefact, weight in zip(ARTEFACTS, weights[-1], strict=True)}
    return {"figures": told, "bias": bias, "weights": dict(sorted(found.items(), key=first))}


_STARTS = {"artefact": ("artefact", "tool or not"), "civic": ("civic",), "toolbox": ("toolbox", "listed")}


def figures_of(entries: Sequence[Entry], told: Judgements, threshold: float) -> dict[str, float]:
    """The figures of some answers."""
    guessed = [ARTEFACTS[place] for place in told.what.argmax(axis=1)]
    right = [guess == one.what for guess, one in zip(guessed, entries, strict=True)]
    tool = [(guess in TOOLS) == (one.what in TOOLS) for guess, one in zip(guessed, entries, strict=True)]
    precision, recall, maybe = listed(entries, told.toolbox[:, 0], threshold)
    found = {
        "artefact right": float(np.mean(right)),
        "tool or not": float(np.mean(tool)),
        "civic AUC": area([one.civic for one in entries], told.civic[:, 0]),
        "toolbox AUC": area([one.toolbox == "yes" for one in entries], told.toolbox[:, 0]),
        "listed precision": precision,
        "listed recall": recall,
        "listed of maybe": maybe,
    }
    return {name: round(value, 3) for name, value in found.items()}


def listed(entries: Sequence[Entry], figures: Matrix, threshold: float) -> tuple[float, float, float]:
    """Precision (maybe left out), recall of yes, and the share of maybe that is listed."""
    among = Counter(one.toolbox for one, figure in zip(entries, figures, strict=True) if figure >= threshold)
    every = Counter(one.toolbox for one in entries)
    return (
        among["yes"] / max(1, among["yes"] + among["no"]),
        among["yes"] / max(1, every["yes"]),
        among["maybe"] / max(1, every["maybe"]),
    )


def chosen_threshold(entries: Sequence[Entry], figures: Matrix) -> float:
    """Where the lesser of precision and recall is highest."""
    return max(
        (round(number / 100, 2) for number in range(2, 90)), key=lambda one: min(listed(entries, figures, one)[:2])
    )


def area(true: Sequence[bool], figures: Matrix) -> float:
    """The area under the receiver operating characteristic: how often a true one is before another, ties half."""
    true_ones = np.sort(figures[np.array(true)])
    others = np.sort(figures[~np.array(true)])
    below = np.searchsorted(others, true_ones, side="left")
    upto = np.searchsorted(others, true_ones, side="right")
    return float((below + upto).sum() / 2 / (len(true_ones) * len(others)))


def written(table: Mapping[str, Any]) -> str:
    """A table as JSON, a feature a line."""
    lines = [
        f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n"
        for key, value in table.items()
        if key != "weights"
    ]
    weights = [
        f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(value)}" for key, value in table["weights"].items()
    ]
    return "{\n" + "".join(lines) + ' "weights": {\n' + ",\n".join(weights) + "\n }\n}\n"


if __name__ == "__main__":
    main()
