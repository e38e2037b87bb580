"""Small cities for tests: complete scenarios as text, so that engine tests do not move when a shipped scheme does."""

from __future__ import annotations

from fundsim.scenario import Scenario, load_text

BANDS = "[{to: 20000 yuan, pay: 50%}, {to: 40000 yuan, pay: 60%}, {to: 60000 yuan, pay: 70%}, {pay: 80%}]"

ADMISSIONS = """
fundsim: 1
id: small-city
traits:
  hardship: [none, poor]
  place: [local, away]
  care: [county, tertiary]
waterfall: [basic, cii]
payers:
  basic:
    base: {counts: {A: 100%, B: 85%}}
    accumulate: admission
    deductible: 300 yuan
    pay: 75%
    cap: 60000 yuan/year
    variants: [{when: {care: tertiary}, deductible: 800 yuan, pay: 60%}]
  cii:
    base: {counts: {A: 100%, B: 85%, C: 70%}, less: [paid by basic, deductible of basic]}
    deductible: 6000 yuan
    bands: BANDS
    cap: 150000 yuan/year
    variants:
      - {when: {place: away}, pay: -10pp}
      - {when: {hardship: poor}, deductible: 3000 yuan, pay: +10pp}
population:
  insured: 40000 persons
  groups:
    ordinary: {persons: 36000 persons}
    poor: {persons: 4000 persons, traits: {hardship: poor}, admissions: x1.5, cost: x0.9}
claims:
  basis: admissions
  year: 2017
  admissions: {family: negative-binomial, mean: 180 per 1000 persons, cv: 0.8, mixing: person}
  care:
    county:
      share: 80%
      cost: {family: lognormal, mean: 5000 yuan, cv: 1.1}
      catalogue: {A: 52%, B: 36%, C: 7%, excluded: 5%}
      traits: {place: local}
    tertiary:
      share: 20%
      cost:
        family: spliced
        body: {family: lognormal, mean: 18000 yuan, cv: 1.2}
        tail: {above: 60000 yuan, index: 0.33}
      catalogue: {A: 45%, B: 40%, C: 10%, excluded: 5%}
      traits: {place: {local: 60%, away: 40%}}
contract:
  premium: 40 yuan/person
  allowance: 5%
  loss_cause: policy-and-other
  policy_share: 30%
  policy_tiers: [{to: 5%, insurer: 50%}, {insurer: 20%}]
  expense: 4%
simulation: {replications: 40, seed: 7}
""".replace("BANDS", BANDS)

ANNUAL = """
fundsim: 1
id: annual-city
waterfall: [cii]
payers:
  cii:
    base: {counts: {A: 100%, B: 100%, C: 100%}}
    deductible: 6000 yuan
    bands: BANDS
    cap: 200000 yuan/year
population: {insured: 20000 persons}
claims:
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 60 per 1000 persons}
  amount: {family: spliced, body: {family: lognormal, mean: 8000 yuan, cv: 1.3}, tail: {above: 40000 yuan, index: 0.33}}
contract: {premium: 150 yuan/person, allowance: 5%, loss_cause: any, tiers: [{to: 4%, insurer: 100%}, {insurer: 0%}]}
simulation: {replications: 100, seed: 11}
""".replace("BANDS", BANDS)


ONE_PAYER = """
waterfall: [cii]
payers:
  cii:
    base: {counts: {A: 100%}}
    deductible: 6000 yuan
    bands: [{to: 20000 yuan, pay: 50%}, {pay: 60%}]
    cap: 300000 yuan/year
population: {insured: 4000 persons}
claims:
  basis: admissions
  year: 2017
  admissions: {family: poisson, mean: 200 per 1000 persons}
  care:
    tertiary:
      share: 100%
      cost: {family: lognormal, mean: 8000 yuan, cv: 1.5}
      catalogue: {A: 80%, B: 10%, C: 5%, excluded: 5%}
contract: {premium: 300 yuan/person, preset: generic-corridor, expense: 2%}
"""
"""The middle of a scenario with one payer and one kind of care: from its waterfall to its contract."""


def city(text: str = ADMISSIONS, **changes: str) -> Scenario:
    """A small city, with changes by dotted path (double underscores stand for dots)."""
    scenario = load_text(text, "city.yaml")
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return scenario.replace(paths) if changes else scenario
