"""The two examples with real data behind them: taken in once, asked many times."""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from real_loans import Question, Real, take

from xinyong.days import local_day, parse_moment, start_of_day

# The reader of sources.md lives with the tests of the shipped schemes.
sys.path.append(str(Path(__file__).parents[1] / "library"))


@pytest.fixture(scope="session")
def superlender(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Real:
    data = data_folder / "superlender"
    taken = take("thin-file", "superlender-mapping.yaml", data, tmp_path_factory.mktemp("thin"))
    zone = taken[0].zone
    with (data / "loans.csv").open(encoding="utf-8", newline="") as file:
        moments = [
            (row["customerid"], parse_moment(row["creationdate"], zone), row["good_bad_flag"])
            for row in csv.DictReader(file)
        ]
    return Real(
        *taken,
        tuple(Question(who, local_day(at, zone), at, flag == "Bad") for who, at, flag in moments),
    )


@pytest.fixture(scope="session")
def berka(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Real:
    data = data_folder / "berka"
    taken = take("current-account", "berka-mapping.yaml", data, tmp_path_factory.mktemp("account"))
    zone = taken[0].zone
    with (data / "loan.asc").open(encoding="utf-8", newline="") as file:
        loans = [
            (row["account_id"], datetime.strptime(row["date"], "%y%m%d").date(), row["status"])
            for row in csv.DictReader(file, delimiter=";")
        ]
    return Real(
        *taken,
        tuple(
            Question(who, day, start_of_day(day, zone), status in "BD")
            for who, day, status in loans
            if day >= date(1997, 1, 1)
        ),
    )
