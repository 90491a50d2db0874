"""The laws that clauses cite: where they hold, from which day on, how well we know them.

The mark is about the text we read: P a primary text, S a secondary source, M from memory. Days on
which local rules came into force are from memory unless a clause says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from xinyong.charter.source import Mark, Source
from xinyong.charter.words import Place


@dataclass(frozen=True, slots=True)
class Law:
    """One law; :meth:`at` gives the source that a clause cites."""

    place: Place
    name: str
    since: date
    mark: Mark = "S"
    region: str | None = None
    people: bool = False
    ai_system: bool = False

    def at(self, article: str = "", *, mark: Mark | None = None, people: bool = False) -> Source:
        """A place in the law, such as ``art. 30``."""
        return Source(
            self.place,
            f"{self.name} {article}".rstrip(),
            self.since,
            region=self.region,
            ai_system=self.ai_system,
            people=self.people or people,
            mark=mark or self.mark,
        )


# The European Union
AI_BANS: Final = Law("eu", "AI Act", date(2025, 2, 2), people=True, ai_system=True)
AI_ACT: Final = replace(AI_BANS, since=date(2024, 8, 1))
AI_DUTIES: Final = date(2027, 12, 2)
"""First day of the AI Act's duties for high-risk systems."""
GDPR: Final = Law("eu", "GDPR", date(2018, 5, 25), "P", people=True)
CREDIT_DIRECTIVE: Final = Law(
    "eu", "Consumer Credit Directive (EU) 2023/2225", date(2026, 11, 20), people=True
)
C_634_21: Final = Law("eu", "Court of Justice C-634/21", date(2023, 12, 7), people=True)
C_26_22: Final = Law("eu", "Court of Justice C-26/22 and C-64/22", date(2023, 12, 7), people=True)
C_203_22: Final = Law("eu", "Court of Justice C-203/22", date(2025, 2, 27), people=True)

# The United States
ECOA: Final = Law("us", "Equal Credit Opportunity Act", date(1975, 10, 28), "M")
REG_B: Final = Law("us", "Reg B", date(2011, 12, 30))
FCRA: Final = Law("us", "FCRA", date(1971, 4, 25))

# China, national
CREDIT_REPORTING: Final = Law("cn", "Credit Reporting Regulation 2013", date(2013, 3, 15), "P")
COURT_2017: Final = Law("cn", "Supreme People's Court, Provisions of 2017", date(2017, 5, 1))
COURT_2019: Final = Law("cn", "Supreme People's Court, Fafa [2019] 35", date(2019, 12, 16))
COMPENSATION: Final = Law("cn", "State compensation interpretation of 2022", date(2022, 3, 20), "P")
NDRC_2019: Final = Law("cn", "NDRC press conference of 18 July 2019", date(2019, 7, 18))
PENALTIES: Final = Law("cn", "Administrative Penalties Law", date(2021, 7, 15), "M")
PIPL: Final = Law("cn", "Personal Information Protection Law", date(2021, 11, 1), "P")
CATALOGUE: Final = Law(
    "cn", "National catalogue of public credit information", date(2022, 1, 1), "M"
)
ORDER_36: Final = Law("cn", "NDRC Order 36", date(2026, 4, 1))
GRADES_2026: Final = Law("cn", "State Council General Office [2026] 8", date(2026, 4, 2))

# China, local
SHANGHAI: Final = Law("cn", "Shanghai Regulations 2017", date(2017, 10, 1), "P", "CN-SH")
ZHEJIANG: Final = Law("cn", "Zhejiang Regulations 2017", date(2018, 1, 1), "P", "CN-ZJ")
HENAN: Final = Law("cn", "Henan Regulations 2019", date(2020, 5, 1), "P", "CN-HA")
SHANDONG: Final = Law("cn", "Shandong Regulations 2020", date(2020, 10, 1), "P", "CN-SD")
SHENZHEN: Final = Law("cn", "Shenzhen Regulations 2023", date(2023, 3, 1), "P", "CN-GD-SZ")
ZIBO: Final = Law("cn", "Zibo Regulation 2021", date(2022, 3, 1), "P", "CN-SD-ZB")


ALL: Final = tuple(value for value in list(globals().values()) if isinstance(value, Law))
"""Every law above."""
