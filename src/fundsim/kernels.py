"""The compiled core: arrays in, arrays out. It knows no yuan, no policy and no file; it is the only file with numba.

Functions are compiled when they are first needed, some only into their callers; each also runs as plain Python
(``function.py_func``), which is how they are tested without the compiler. Money is int64 fen, rates int64 ppm, random
words uint64. Tables of bills and people have a row for each thing known of them and a column for each of them, so that a
loop over a row is made of vectors.

A chunk of persons goes through these stages: random words (:func:`draw`); how many admissions each has; cell and cost of
each admission, given on which side of its floor it lies; bills; what the payers before the covered one pay on each bill
by itself. Then persons part: with one bill; with several that do not hang together before the covered payer; and all
others, who are settled bill by bill. Of the first two only the covered payer's curve is left to every design, evaluated
class by class in floats that are exact (:func:`half_up`).

Traps that shape this file:

* numba turns a mix of int64 and uint64 into float64 and ``~`` of a uint64 into an int64, so every constant that meets
  a random word is a uint64;
* an early ``break`` at the band that a base reaches cost five times a sum over all of them, and one at the padding half
  as much again;
* a call hides its loop from the vectoriser even if it is inlined later: ``philox`` is inlined by force, and the loop
  around it is a function of its own (:func:`draw`), which made it four times as fast;
* a place in an array that could be negative counts from its end, and the test for it makes the loop no vector: loops
  that do not start at zero run over unsigned numbers;
* a function with array arguments may count references to each of them at every call, atomically. That took half of
  the time. So nothing of the kind is called once a person: stages take a chunk of persons, and what they call within
  their loops reads every array it is given on every path, up to one return (then numba leaves the counting out).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numba
import numpy as np


def compiled(function: Callable[..., Any], *, inline: bool = False) -> Callable[..., Any]:
    """Compile without the GIL, cached on disk where a place can be written (``FUNDSIM_NUMBA_CACHE=0``: never)."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "forceinline": inline}
    if os.environ.get("FUNDSIM_NUMBA_CACHE", "1") != "0":
        try:
            cached: Callable[..., Any] = numba.njit(cache=True, **options)(function)
            return cached
        except RuntimeError:  # a read-only install and no writable home: numba finds no place for its cache
            pass
    uncached: Callable[..., Any] = numba.njit(**options)(function)
    return uncached


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile into every caller: for what stands in the innermost loops."""
    return compiled(function, inline=True)


WHOLE, HALF = np.uint64(1_000_000), np.uint64(500_000)
"""The unit of rates, ppm, and what is added before a division by it to round half up."""
LARGEST_BILL = 10**12
MOST_ADMISSIONS = 64
CHUNK = 2048
"""Persons drawn together, so that their random words are made in one vector loop."""
BUFFER = 4096
"""Bills after which the people at hand are settled, under one design after another."""

LOW32 = np.uint64(0xFFFFFFFF)
ALL64 = np.uint64(0xFFFFFFFFFFFFFFFF)
TOP64 = np.uint64(1 << 63)
BITS32, GUIDE_BITS = np.uint64(32), np.uint64(26)
ZERO, ONE = np.uint64(0), np.uint64(1)
ONE32 = np.uint64(1 << 32)
POWER52, POWER52_BITS = 2.0**52, np.float64(2.0**52).view(np.int64)
EXACT = 1 << 32
"""Fen up to which curves are evaluated in floats, without any error: the products stay below 2**52."""
ANY, BELOW, ABOVE = 0, 1, 2
"""What is known of an admission before it is drawn: nothing, that it lies below its floor, or that it does not."""
ROUND_0, ROUND_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
DAYS = np.uint64(365)
MONTH_OF_DAY = np.repeat(np.arange(12), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))

# Rows of a table of bills, a bill a column; from TRAIL on, for each position: paid, absorbed by the deductible, cut by the cap, base.
GROSS, COST_A, COST_B, COST_C, CASE, PAYABLE, LEFT, MONTH, TRAIL = 0, 1, 2, 3, 4, 5, 6, 7, 8
PAID, ABSORBED, CUT, BASE, TRAILS = 0, 1, 2, 3, 4
# Columns of a payer step: counted shares, whether it accumulates by year, whether it tops others up; then from PARTS on
# for each position: what is done with its PAID, ABSORBED and CUT (1 added to the base, -1 taken off it), whether its
# payment is topped up, whether it uses up the cap. Columns of its terms for a class: deductible, cap, cover, share of the
# bill that does not count, then pairs per knot: knot, change of slope.
BY_YEAR, TOPS, PARTS = 3, 4, 5
TOPPED, USES_CAP, PER_PART = 3, 4, 5
DEDUCTIBLE, CAP, COVERS, ABOVE_SHARE, CURVE = 0, 1, 2, 3, 4
# The state of a position over a person's year: accumulated base, payments, 1 where the cap leaves no more room.
ACCUMULATED, SO_FAR, FULL = 0, 1, 2
# What one person comes to under a design: the base of the primary covered payer, of all of them, what of it lies above
# their deductibles ...; from ONE_PAID on, what each position paid.
ONE_OWN, ONE_BASE, ONE_ABOVE, ONE_CLAIM, ONE_GROSS, ONE_AT_CAP, ONE_PAID = 0, 1, 2, 3, 4, 5, 6
# Columns of a result: of beneficiaries the gross cost, what counts for covered payers and the part of it above their
# deductibles; of everybody gross and payable cost and what patients bear of it; from FIRST_PAYER on what each position paid the beneficiaries, then
# pairs per band of own cost (persons, payments), then persons per size of payment; at last, where all bills are settled,
# for each month the number of bills and what each position paid.
CLAIMS, BENEFICIARIES, LARGEST, AT_CAP, OWN_GROSS, OWN_BASE, OWN_ABOVE = 0, 1, 2, 3, 4, 5, 6
ALL_GROSS, ALL_PAYABLE, ALL_LEFT, FIRST_PAYER = 7, 8, 9, 10
# Where designs are told beside the first, person by person, before the months: persons for whom all payers together pay more
# than under the first design, and how much more; the same of less; persons who bear more than they can, under this design and
# under the first; then for each band of own cost under the first design persons, gross cost, what is paid, and was under it.
WINNERS, GAINED, LOSERS, LOST, RUINED, RUINED_FIRST, IN_BANDS, PER_BAND = 0, 1, 2, 3, 4, 5, 6, 4


@inlined
def philox(key_0, key_1, counter_0, counter_1, counter_2, counter_3):
    """Philox4x32-10: four 32-bit words (in uint64) for one counter; twin of :func:`fundsim.streams.philox`."""
    # The masks tell the compiler that words have 32 bits, so that it can multiply eight of them at a time.
    c0, c1, c2, c3 = counter_0 & LOW32, counter_1 & LOW32, counter_2 & LOW32, counter_3 & LOW32
    k0, k1 = key_0 & LOW32, key_1 & LOW32
    for _ in range(10):
        product_0 = ROUND_0 * c0
        product_1 = ROUND_1 * c2
        c0 = (product_1 >> BITS32) ^ c1 ^ k0
        c1 = product_1 & LOW32
        c2 = (product_0 >> BITS32) ^ c3 ^ k1
        c3 = product_0 & LOW32
        k0 = (k0 + WEYL_0) & LOW32
        k1 = (k1 + WEYL_1) & LOW32
    return c0, c1, c2, c3


@compiled
def draw(start, stop, key_0, key_1, whose, row, replication, last, words):
    """Write the ``words`` (4, n) of counters (person, replication, number, last), several at a time.

    Persons stand in a ``row`` of ``whose``, numbers in the next. (Places that may be negative would make it no vector.)
    """
    for i in range(np.uint64(start), np.uint64(stop)):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(
            key_0, key_1, whose[row, i], replication, whose[row + 1, i], last
        )


@compiled
def by_season(m, days, season):
    """Move ``m`` uniform words of the day to where the season puts them, in order; see :mod:`fundsim.claims`."""
    shift, mask = np.uint64(20), np.uint64((1 << 20) - 1)
    for a in range(m):
        cell = np.int64(days[a] >> shift)
        days[a] = season[0, cell] + (((days[a] & mask) * season[1, cell]) >> shift)


@inlined
def on_line(r, level, starts, lines):
    """Cost (yuan) at ``r`` where the quantile is made of straight lines: the last that starts at or before ``r``."""
    low, high = 0, starts.shape[1]
    while high - low > 1:
        middle = (low + high) >> 1
        if starts[level, middle] <= r:
            low = middle
        else:
            high = middle
    return lines[level, low, 0] + lines[level, low, 1] * (np.float64(r - starts[level, low]) + 0.5)


@inlined
def quantile(r, v, level, coefficients, tails, bits, starts, lines):
    """Cost (yuan) at the uniform 64-bit integer ``r``: the recipe of :mod:`fundsim.severity.quantile_table`.

    ``coefficients`` (level, half, octave, cell, 4); ``tails`` (v, level, 4): weight, threshold, scale and index;
    ``starts`` (level, n) and ``lines`` (level, n, 2): straight lines, of which a level with cubics has none at 0.
    """
    one = np.uint64(1)
    s = r ^ ALL64
    half = 1 if r >= TOP64 else 0
    n = ((s if half == 1 else r) << one) | one
    # The exponent of n as a double tells its leading zeros; clearing the bit after the first keeps it from rounding up.
    octave = 1086 - (np.float64(n & ~(n >> one)).view(np.int64) >> 52)
    fraction = (n << np.uint64(octave)) << one
    cell = np.int64(fraction >> np.uint64(64 - bits))
    t = np.float64((fraction << np.uint64(bits)) >> np.uint64(11)) * 2.0**-53
    c0, c1 = coefficients[level, half, octave, cell, 0], coefficients[level, half, octave, cell, 1]
    c2, c3 = coefficients[level, half, octave, cell, 2], coefficients[level, half, octave, cell, 3]
    weight, threshold, scale, index = tails[v, level, 0], tails[v, level, 1], tails[v, level, 2], tails[v, level, 3]
    above = (np.float64(s) + 0.5) * 2.0**-64
    if above > weight:
        if starts[level, 0] == ZERO:
            return on_line(r, level, starts, lines)
        return ((c3 * t + c2) * t + c1) * t + c0
    log = np.log(above / weight)
    return threshold - scale * log if index == 0.0 else threshold + scale * np.expm1(-index * log) / index


@inlined
def rounded(fen_ppm):
    """Fen x ppm, never negative, as fen: half up. The division is unsigned, which is the cheaper one."""
    return np.int64((np.uint64(fen_ppm) + HALF) // WHOLE)


@inlined
def counted(bills, b, p, u, k, annual, primary, payers, terms):
    """What of column ``b`` counts for step ``u`` at position ``p``: at least nothing, at most what is LEFT.

    Earlier positions are settled. ``primary``: position of the covered payer whose base ``annual`` bills are. A payer
    that tops others up looks at the whole bill, whatever they left.
    """
    cost = 0
    for category in range(3):
        cost += bills[COST_A + category, b] * (payers[u, category] - terms[u, k, ABOVE_SHARE])
    base = rounded(max(cost, 0))
    for q in range(p):
        part, trail = PARTS + PER_PART * q, TRAIL + TRAILS * q
        base += payers[u, part + PAID] * bills[trail + PAID, b]
        base += payers[u, part + ABSORBED] * bills[trail + ABSORBED, b]
        base += payers[u, part + CUT] * bills[trail + CUT, b]
    if annual and p == primary:
        base = bills[PAYABLE, b]
    return min(max(base, 0), bills[LEFT, b] + payers[u, TOPS] * (bills[PAYABLE, b] - bills[LEFT, b]))


@inlined
def due(before, after, u, k, cumulative, terms):
    """What step ``u`` owes a bill of class ``k`` that moves the accumulated base, before any cap (fen)."""
    step, due_before = (after - before) * terms[u, k, CURVE + 1], 0  # F in fen x ppm; its first knot is at 0
    for m in range(CURVE + 2, terms.shape[2], 2):
        knot = terms[u, k, m]
        if knot == 0:  # padding; and a loop that may end early is no vector, which would be slower for a few knots
            break
        step += (max(after - knot, 0) - max(before - knot, 0)) * terms[u, k, m + 1]
    for m in range(CURVE, terms.shape[2] if cumulative else CURVE, 2):
        due_before += max(before - terms[u, k, m], 0) * terms[u, k, m + 1]
    return rounded(due_before + step) - rounded(due_before)


@inlined
def due_of_first(base, u, k, end, terms):
    """The same for the first bill that counts, however bills are rounded; the knots in use ``end`` there."""
    owed = base * terms[u, k, CURVE + 1]
    for m in range(CURVE + 2, end, 2):
        knot = terms[u, k, m]
        owed += max(base - knot, 0) * terms[u, k, m + 1]
    return rounded(owed)


@inlined
def settle_bill(bills, b, first, last, d, annual, cumulative, steps, primary, payers, terms, state):
    """Settle column ``b`` of ``bills`` through positions ``first`` to ``last`` of design ``d``'s waterfall.

    Moves the bill's LEFT and the ``state`` (p, 3) of each position. A PAID of -1 marks a position to be settled; any
    other value was given from outside and is kept. ``annual``: the bill is the primary covered payer's base itself.
    Tables are passed whole: a slice costs more than the sum it serves.
    """
    k = bills[CASE, b]
    for p in range(first, last):
        u, own = steps[d, p], TRAIL + TRAILS * p
        if u < 0:
            break
        if annual and p < primary[d]:
            bills[own + PAID, b] = 0
            continue
        base, left = counted(bills, b, p, u, k, annual, primary[d], payers, terms), bills[LEFT, b]
        if bills[own + PAID, b] >= 0:
            bills[own + BASE, b] = base
            bills[LEFT, b] = left - bills[own + PAID, b]
            state[p, SO_FAR] += bills[own + PAID, b]
            continue
        base *= terms[u, k, COVERS]
        before = state[p, ACCUMULATED] * payers[u, BY_YEAR]
        after = before + base
        topped, used = 0, state[p, SO_FAR]
        for q in range(last):
            part = PARTS + PER_PART * q
            topped += payers[u, part + TOPPED] * bills[TRAIL + TRAILS * q + PAID, b]
            used += payers[u, part + USES_CAP] * state[q, SO_FAR]
        owed, room = max(due(before, after, u, k, cumulative, terms) - topped, 0), max(terms[u, k, CAP] - used, 0)
        payment = min(owed, room, left)
        state[p, ACCUMULATED] = after
        state[p, SO_FAR] += payment
        state[p, FULL] = 1 if room <= payment else 0
        bills[own + PAID, b] = payment
        bills[own + ABSORBED, b] = min(after, terms[u, k, DEDUCTIBLE]) - min(before, terms[u, k, DEDUCTIBLE])
        bills[own + CUT, b] = owed - min(owed, room)
        bills[own + BASE, b] = base
        bills[LEFT, b] = left - payment


@compiled
def settle_people(starts, bills, d, annual, cumulative, steps, primary, payers, terms):
    """Settle the bills of many people under design ``d``; bills of a person are neighbours, in order of settlement.

    ``starts`` (n+1,) offsets of each person's columns in ``bills``, whose LEFT and trail are written.
    """
    state = np.zeros((steps.shape[1], 3), dtype=np.int64)
    for person in range(len(starts) - 1):
        for p in range(steps.shape[1]):
            state[p, ACCUMULATED], state[p, SO_FAR], state[p, FULL] = 0, 0, 0
        for b in range(starts[person], starts[person + 1]):
            settle_bill(bills, b, 0, steps.shape[1], d, annual, cumulative, steps, primary, payers, terms, state)


@compiled
def list_persons(n, drawn, counts, s, v, g, single, several):
    """Part ``n`` persons drawn into those with a ``single`` admission, whose number is returned, and the others."""
    two, n_single, n_several = counts[s, v, g, 1], 0, 0
    for f in range(n):
        one = drawn[0, f] < two
        single[n_single], several[n_several] = f, f
        n_single += 1 if one else 0
        n_several += 0 if one else 1
    return n_single


@compiled
def list_later(n, n_several, several, drawn, counts, s, v, g, whose, begins):
    """List the further admissions of persons with ``several`` behind the ``n`` first ones; returns how many in all.

    The admissions of the i-th of them are to stand at ``begins[i]`` to ``begins[i + 1]`` of a list of their own.
    """
    m, begins[0] = n, 0
    for i in range(n_several):
        f, k = several[i], 2
        while drawn[0, f] >= counts[s, v, g, k]:
            k += 1
        begins[i + 1] = begins[i] + k
        for j in range(1, k):
            whose[0, m], whose[1, m] = whose[0, f], np.uint64(j)
            m += 1
    return m


@inlined
def place(drawn, a, known, v, g, k, cells, guide, floors):
    """Cell and uniform 64 bits of the cost of admission ``a``, of which it is ``known`` on which side of a floor it is."""
    c = guide[v, g, k, known, drawn[1, a] >> GUIDE_BITS]
    while drawn[1, a] >= cells[v, g, k, known, c]:
        c += 1
    floor = floors[v, g, k, c]
    offset = floor if known == ABOVE else ZERO
    width = floor if known == BELOW else (ONE32 if known == ANY else ONE32 - floor)
    return c, (offset << BITS32) + drawn[2, a] * width + ((drawn[3, a] * width) >> BITS32)


@compiled
def place_singles(n_single, single, drawn, s, v, g, cells, guide, floors, bars, everyone, cell, uniform):
    """Draw the admissions of persons with one; those below their cell's bar drop out of ``single``. Returns how many."""
    known, n = BELOW if s else ABOVE, 0
    for i in range(n_single):
        f = single[i]
        c, word = place(drawn, f, known, v, g, 0, cells, guide, floors)
        single[n], cell[n], uniform[n] = f, c, word
        n += 1 if everyone or word >> BITS32 >= bars[v, g, 0, c] else 0
    return n


@compiled
def place_several(n_several, several, n, at, drawn, s, v, g, firsts, cells, guide, floors, bars, reach, lowest, everyone, begins, cell, uniform):  # fmt: skip
    """Draw the admissions of persons with several, from ``at`` on in ``cell`` and ``uniform``.

    Of a relevant person the first admission at or above its floor is drawn from there on, those before it below; of the
    rest all are drawn below. Those who stay below every bar drop out of ``several``, and those whose admissions cannot
    count for more than the ``lowest`` deductible together; returns how many stay.
    """
    most, stay, later, first_bill = floors.shape[2], 0, n, 0
    for i in range(n_several):
        f, k = several[i], begins[i + 1] - first_bill
        row, first = min(k, most) - 1, 0
        for j in range(min(k - 1, firsts.shape[3])):
            first += 1 if drawn[0, later] >= firsts[v, g, row, j] else 0
        matters, total = everyone or k > bars.shape[2], 0
        bar_row, b = min(k, bars.shape[2]) - 1, at + begins[stay]
        for j in range(k):
            a = f if j == 0 else later + j - 1
            known = BELOW if s or j < first else (ABOVE if j == first else ANY)
            c, word = place(drawn, a, known, v, g, row, cells, guide, floors)
            cell[b + j], uniform[b + j] = c, word
            high = word >> BITS32
            matters = matters or high >= bars[v, g, bar_row, c]
            # The exponent and the first bits after the leading one, as reach's docstring says.
            step = (np.float64(np.int64(((high ^ LOW32) << ONE) | ONE)).view(np.int64) >> 49) - (1023 << 3)
            total += reach[v, g, c, step]
        first_bill, later = begins[i + 1], later + k - 1
        several[stay] = f
        begins[stay + 1] = begins[stay] + k
        stay += 1 if matters and (everyone or k > bars.shape[2] or total > lowest[g]) else 0
    return stay


@compiled
def price(m, cell, uniform, v, g, factors, cell_case, cell_level, splits, coefficients, tails, bits, line_starts, lines, bills):  # fmt: skip
    """Turn ``m`` admissions into bills: gross cost, its parts by catalogue class, and what is payable of it."""
    for b in range(m):
        c = cell[b]
        yuan = quantile(uniform[b], v, cell_level[c], coefficients, tails, bits, line_starts, lines)
        amount = np.int64(min(yuan * factors[v, g, c] + 0.5, LARGEST_BILL))
        part_b = rounded(amount * splits[v, c, 0])
        part_bc = rounded(amount * splits[v, c, 1])
        part_bcx = rounded(amount * splits[v, c, 2])
        bills[GROSS, b], bills[CASE, b] = amount, cell_case[g, c]
        bills[COST_A, b], bills[COST_B, b], bills[COST_C, b] = amount - part_bcx, part_b, part_bc - part_b
        bills[PAYABLE, b] = bills[LEFT, b] = amount - (part_bcx - part_bc)


@compiled
def settle_alone(m, bills, plain, prefix, shared, annual, steps, primary, payers, terms):
    """Settle ``m`` bills through the prefix, each as if it were its person's only one, and say what is the next base.

    A bill is ``plain`` (1) where neither a cap nor what was left has cut a payment.
    """
    for b in range(m):
        plain[b] = 1
    for p in range(prefix):
        u, own, end = steps[0, p], TRAIL + TRAILS * p, CURVE + 2
        for k in range(terms.shape[1]):
            for knot in range(CURVE + 2, terms.shape[2], 2):
                end = max(end, knot + 2) if terms[u, k, knot + 1] != 0 else end
        for b in range(m):
            k, left = bills[CASE, b], bills[LEFT, b]
            topped, used = 0, 0
            for q in range(p):
                part = PARTS + PER_PART * q
                topped += payers[u, part + TOPPED] * bills[TRAIL + TRAILS * q + PAID, b]
                used += payers[u, part + USES_CAP] * bills[TRAIL + TRAILS * q + PAID, b]
            base = counted(bills, b, p, u, k, annual, primary[0], payers, terms) * terms[u, k, COVERS]
            owed = 0 if annual else max(due_of_first(base, u, k, end, terms) - topped, 0)
            room = max(terms[u, k, CAP] - used, 0)
            payment = min(owed, room, left)
            bills[own + PAID, b], bills[own + BASE, b] = payment, base
            bills[own + ABSORBED, b] = 0 if annual else min(base, terms[u, k, DEDUCTIBLE])
            bills[own + CUT, b] = owed - min(owed, room)
            bills[LEFT, b] = left - payment
            plain[b] = plain[b] if payment == owed else 0
    if shared:
        u, own = steps[0, prefix], TRAIL + TRAILS * prefix
        for b in range(m):
            k = bills[CASE, b]
            base = counted(bills, b, prefix, u, k, annual, primary[0], payers, terms)
            bills[own + BASE, b] = base * terms[u, k, COVERS]


@compiled
def settle_designs(n, starts, bills, row, state, people, annual, cumulative, everyone, months, steps, primary, insured, counted_once, prefix, payers, terms, edges, sizes, incomes, common, of_first, r, g, out):  # fmt: skip
    """Settle ``n`` buffered people under every design, bill by bill from the end of the shared prefix on, and add up.

    ``edges`` (d, e) of the year's own cost and ``sizes`` (s,) of payments are upper ends of bands. ``out`` (d, r, g,
    columns) is added to. Scratch: ``row`` (columns, 1) for one bill, ``people`` (columns, n) for what each person comes
    to, ``of_first`` (3, n) for what of it is the first design's.
    """
    for person in range(n):
        gross = 0
        for p in range(prefix):
            people[ONE_PAID + p, person] = 0
        for b in range(starts[person], starts[person + 1]):
            gross += bills[GROSS, b]
        people[ONE_GROSS, person] = gross
    for d in range(steps.shape[0]):
        settle_in_full(
            n, starts, bills, row, state, people, d, annual, cumulative, everyone, months, steps, primary, insured,
            counted_once, prefix, payers, terms, r, g, out,
        )  # fmt: skip
        add_up(0, n, people, ONE_BASE, d, steps.shape[1], edges, sizes, r, g, out)
        if len(incomes) > 0:
            pairs = FIRST_PAYER + steps.shape[1] + 2 * (edges.shape[1] + 1) + len(sizes) + 1
            add_up_pairs(n, people, of_first, d, everyone, incomes[g], common, pairs, r, g, out)


@compiled
def settle_in_full(n, starts, bills, row, state, people, d, annual, cumulative, everyone, months, steps, primary, insured, counted_once, prefix, payers, terms, r, g, out):  # fmt: skip
    """Settle ``n`` people bill by bill under design ``d``; with ``months``, add up what each month came to."""
    positions, at, month_wide = steps.shape[1], primary[d], steps.shape[1] + 1
    first_month = out.shape[3] - 12 * month_wide
    for person in range(n):
        own, base, absorbed, claim, at_cap = 0, 0, 0, 0, 0
        for p in range(positions):
            state[p, ACCUMULATED], state[p, SO_FAR], state[p, FULL] = 0, 0, 0
        for b in range(starts[person], starts[person + 1]):
            for column in range(bills.shape[0]):
                row[column, 0] = bills[column, b]
            for p in range(prefix):
                state[p, SO_FAR] += row[TRAIL + TRAILS * p + PAID, 0]
            for p in range(prefix, positions):
                row[TRAIL + TRAILS * p + PAID, 0] = -1 if steps[d, p] >= 0 else 0
            settle_bill(row, 0, prefix, positions, d, annual, cumulative, steps, primary, payers, terms, state)
            own += row[TRAIL + TRAILS * at + BASE, 0]
            for p in range(prefix, positions):
                base += counted_once[d, p] * row[TRAIL + TRAILS * p + BASE, 0]
                absorbed += counted_once[d, p] * row[TRAIL + TRAILS * p + ABSORBED, 0]
            if everyone:
                out[d, r, g, ALL_GROSS] += row[GROSS, 0]
                out[d, r, g, ALL_PAYABLE] += row[PAYABLE, 0]
                out[d, r, g, ALL_LEFT] += row[LEFT, 0]
            if months:
                month = first_month + month_wide * row[MONTH, 0]
                out[d, r, g, month] += 1
                for p in range(positions):
                    out[d, r, g, month + 1 + p] += row[TRAIL + TRAILS * p + PAID, 0]
        for p in range(positions):
            people[ONE_PAID + p, person] = state[p, SO_FAR]
            claim += insured[d, p] * state[p, SO_FAR]
            at_cap += insured[d, p] * state[p, FULL]
        people[ONE_OWN, person], people[ONE_BASE, person] = own, base
        people[ONE_ABOVE, person], people[ONE_CLAIM, person] = base - absorbed, claim
        people[ONE_AT_CAP, person] = 1 if claim > 0 and at_cap > 0 else 0


@compiled
def add_up(first, last, people, base, d, paying, edges, sizes, r, g, out):
    """Add what people from ``first`` to ``last`` come to under design ``d``: many short loops, each made of vectors.

    ``base`` is the column of what counts for covered payers; of the positions, the first ``paying`` are told.
    """
    claims, beneficiaries, largest, at_cap, own_gross, own_base, own_above, dearest = 0, 0, 0, 0, 0, 0, 0, 0
    for i in range(np.uint64(first), np.uint64(last)):
        claim, paid = people[ONE_CLAIM, i], 1 if people[ONE_CLAIM, i] > 0 else 0
        claims += claim
        beneficiaries += paid
        largest = max(largest, claim)
        dearest = max(dearest, people[ONE_OWN, i])
        at_cap += people[ONE_AT_CAP, i]
        own_gross += people[ONE_GROSS, i] * paid
        own_base += people[base, i] * paid
        own_above += people[ONE_ABOVE, i] * paid
    out[d, r, g, CLAIMS] += claims
    out[d, r, g, BENEFICIARIES] += beneficiaries
    out[d, r, g, LARGEST] = max(out[d, r, g, LARGEST], largest)
    out[d, r, g, AT_CAP] += at_cap
    out[d, r, g, OWN_GROSS] += own_gross
    out[d, r, g, OWN_BASE] += own_base
    out[d, r, g, OWN_ABOVE] += own_above
    for p in range(paying):
        amount = 0
        for i in range(np.uint64(first), np.uint64(last)):
            amount += people[ONE_PAID + p, i] if people[ONE_CLAIM, i] > 0 else 0
        out[d, r, g, FIRST_PAYER + p] += amount
    band = FIRST_PAYER + (people.shape[0] - ONE_PAID)
    out[d, r, g, band] += beneficiaries  # in bands: all, less those above the first edge, and so on
    out[d, r, g, band + 1] += claims
    for e in range(edges.shape[1]):
        if dearest <= edges[d, e]:
            break
        above, amount = 0, 0
        for i in range(np.uint64(first), np.uint64(last)):
            higher = 1 if people[ONE_OWN, i] > edges[d, e] and people[ONE_CLAIM, i] > 0 else 0
            above += higher
            amount += people[ONE_CLAIM, i] * higher
        out[d, r, g, band + 2 * e] -= above
        out[d, r, g, band + 2 * e + 1] -= amount
        out[d, r, g, band + 2 * e + 2] += above
        out[d, r, g, band + 2 * e + 3] += amount
    size = band + 2 * (edges.shape[1] + 1)
    out[d, r, g, size] += beneficiaries
    for e in range(len(sizes)):
        if largest <= sizes[e]:
            break
        above = 0
        for i in range(np.uint64(first), np.uint64(last)):
            above += 1 if people[ONE_CLAIM, i] > sizes[e] else 0
        out[d, r, g, size + e] -= above
        out[d, r, g, size + e + 1] += above


@compiled
def add_up_pairs(n, people, of_first, d, everyone, income, common, pairs, r, g, out):
    """Add what ``n`` people come to under design ``d`` beside the first design, person by person; see :data:`WINNERS`.

    Counted are those whom the covered payers pay under one of the two designs, or for whom all payers together pay
    another amount; with ``everyone`` all of them. ``common`` (e,) are upper ends of bands of own cost under the first
    design, ``income`` is what a person can bear, ``pairs`` the first of the columns.
    """
    for i in range(n):
        paid = 0
        for p in range(people.shape[0] - ONE_PAID):
            paid += people[ONE_PAID + p, i]
        if d == 0:
            of_first[0, i], of_first[1, i], of_first[2, i] = people[ONE_OWN, i], people[ONE_CLAIM, i], paid
        gain, gross, band = paid - of_first[2, i], people[ONE_GROSS, i], 0
        if everyone or gain != 0 or people[ONE_CLAIM, i] > 0 or of_first[1, i] > 0:
            for e in range(len(common)):
                band += 1 if of_first[0, i] > common[e] else 0
            out[d, r, g, pairs + WINNERS] += 1 if gain > 0 else 0
            out[d, r, g, pairs + GAINED] += max(gain, 0)
            out[d, r, g, pairs + LOSERS] += 1 if gain < 0 else 0
            out[d, r, g, pairs + LOST] += max(-gain, 0)
            out[d, r, g, pairs + RUINED] += 1 if gross - paid > income else 0
            out[d, r, g, pairs + RUINED_FIRST] += 1 if gross - of_first[2, i] > income else 0
            at = pairs + IN_BANDS + PER_BAND * band
            out[d, r, g, at] += 1
            out[d, r, g, at + 1] += gross
            out[d, r, g, at + 2] += paid
            out[d, r, g, at + 3] += of_first[2, i]


@inlined
def as_integer(x):
    """A whole number, 0 <= x < 2**51, held as a float: added to 2**52, the last bits of the sum are the number."""
    return np.float64(x + POWER52).view(np.int64) - POWER52_BITS


@inlined
def half_up(fen_ppm):
    """Whole fen x ppm held as a float, 0 <= fen_ppm < 2**52, as fen, rounded half up like :func:`rounded`.

    With a half added there is no tie: the quotient is at least 5e-7 from any half, and the division is off by at most
    2.4e-7 (below 2**32 fen), so that the nearest whole number is the right one.
    """
    return as_integer((fen_ppm + 0.5) / 1e6)


@compiled
def value(first, last, x, u, k, terms, found):
    """Curve of step ``u`` in class ``k``, fen x ppm, at whole fen ``x`` up to 2**32: every term is exact as a float."""
    weight = np.float64(terms[u, k, CURVE + 1])  # the first knot is at 0
    for b in range(np.uint64(first), np.uint64(last)):
        found[b] = x[b] * weight
    for m in range(CURVE + 2, terms.shape[2], 2):
        knot, weight = np.float64(terms[u, k, m]), np.float64(terms[u, k, m + 1])
        if weight == 0.0:
            continue
        for b in range(np.uint64(first), np.uint64(last)):
            beyond = x[b] - knot
            found[b] += (beyond if beyond > 0.0 else 0.0) * weight


@compiled
def pay_lone(first, last, lone, found, deductible, cap):
    """Claims of persons with one bill each, of which the curve says ``found``."""
    for i in range(np.uint64(first), np.uint64(last)):
        payment = half_up(found[i])
        lone[ONE_CLAIM, i] = min(payment, cap)
        lone[ONE_AT_CAP, i] = 1 if payment >= cap and payment > 0 else 0
        lone[ONE_ABOVE, i] = max(lone[ONE_OWN, i] - deductible, 0)


@compiled
def pay_bills(first, last, after, before, at_after, at_before, deductible, cumulative, pays, above):
    """Payments, before any cap, of bills that move their person's base, and what of them lies ``above`` a deductible."""
    if cumulative:
        for b in range(np.uint64(first), np.uint64(last)):
            pays[b] = half_up(at_after[b]) - half_up(at_before[b])
    else:
        for b in range(np.uint64(first), np.uint64(last)):
            pays[b] = half_up(at_after[b] - at_before[b])
    for b in range(np.uint64(first), np.uint64(last)):
        high, low = after[b] - deductible, before[b] - deductible
        above[b] = as_integer((high if high > 0.0 else 0.0) - (low if low > 0.0 else 0.0))


@compiled
def gather(n, starts, places, pays, above, held, u, classes, room, least_cap, terms):
    """Claims of ``n`` persons with several bills: what their bills are paid, cut where the cap of a class is reached."""
    for person in range(n):
        claim, over, at_cap = 0, 0, 0
        for j in range(starts[person], starts[person + 1]):
            claim += pays[places[j]]
            over += above[places[j]]
        if claim >= least_cap:
            claim, cap = 0, 0
            for j in range(starts[person], starts[person + 1]):
                cap = terms[u, classes[places[j] // room], CAP]
                claim += min(pays[places[j]], max(cap - claim, 0))
            at_cap = 1 if claim > 0 and claim >= cap else 0
        held[ONE_CLAIM, person], held[ONE_ABOVE, person], held[ONE_AT_CAP, person] = claim, over, at_cap


@compiled
def settle_by_curve(lone, bases, lone_ends, held, after, before, held_ends, places, starts, n, n_classes, classes, work, pays, above, cumulative, steps, prefix, payers, terms, edges, sizes, r, g, out):  # fmt: skip
    """Settle buffered people under every design where the curve of one covered payer is all that designs differ in.

    Persons with one bill (``lone``, with their ``bases``) and the bills of persons with several (``before`` and
    ``after``: their person's base without and with them) lie by class, in segments of equal room that end at
    ``lone_ends`` and ``held_ends``; ``places`` says where each bill of the ``n`` persons with several lies. So a class's
    terms are the same throughout a loop, and the loop is made of vectors. Scratch: ``work``, ``pays``, ``above``.
    """
    room, held_room = len(bases) // len(classes), len(after) // len(classes)
    for d in range(steps.shape[0]):
        u = steps[d, prefix]
        least_cap = terms[u, classes[0], CAP]
        for rank in range(n_classes):
            k, first, last = classes[rank], rank * room, lone_ends[rank]
            least_cap = min(least_cap, terms[u, k, CAP])
            if first < last:
                value(first, last, bases, u, k, terms, work[0])
                pay_lone(first, last, lone, work[0], terms[u, k, DEDUCTIBLE], terms[u, k, CAP])
                add_up(first, last, lone, ONE_OWN, d, prefix, edges, sizes, r, g, out)
        for rank in range(n_classes):
            k, first, last = classes[rank], rank * held_room, held_ends[rank]
            for b in range(np.uint64(first), np.uint64(last)):  # each bill starts anew where nothing accumulates
                work[2, b] = before[b] * payers[u, BY_YEAR]
                work[3, b] = after[b] - before[b] + work[2, b]
            value(first, last, work[3], u, k, terms, work[0])
            value(first, last, work[2], u, k, terms, work[1])
            pay_bills(
                first, last, work[3], work[2], work[0], work[1], np.float64(terms[u, k, DEDUCTIBLE]), cumulative, pays,
                above,
            )  # fmt: skip
        gather(n, starts, places, pays, above, held, u, classes, held_room, least_cap, terms)
        add_up(0, n, held, ONE_OWN, d, prefix, edges, sizes, r, g, out)
        out[d, r, g, FIRST_PAYER + prefix] = out[d, r, g, CLAIMS]


@compiled
def take_singles(n_single, single, bills, lean, everyone, prefix, shared, least, ranks, lone, bases, lone_ends, chosen):
    """Keep persons with one bill, in the column of it, whom a design may pay; returns how many wait in ``chosen``.

    Where the curve is all that matters they are laid by class; others wait (first bill, bills, person, lane 1) to be
    settled in full.
    """
    base_row, n = TRAIL + TRAILS * prefix + BASE, 0
    for b in range(n_single):
        k, base = bills[CASE, b], bills[base_row, b] if shared else 0
        kept = 1 if everyone or not shared or base > least[k] else 0
        if lean and base <= EXACT:
            at = lone_ends[ranks[k]]
            lone[ONE_OWN, at], lone[ONE_GROSS, at], bases[at] = base, bills[GROSS, b], np.float64(base)
            for p in range(prefix):
                lone[ONE_PAID + p, at] = bills[TRAIL + TRAILS * p + PAID, b]
            lone_ends[ranks[k]] = at + kept
        else:
            chosen[0, n], chosen[1, n], chosen[2, n], chosen[3, n] = b, 1, single[b], 1
            n += kept
    return n


@compiled
def choose_several(
    n,
    n_several,
    several,
    at,
    begins,
    bills,
    plain,
    lean,
    everyone,
    prefix,
    shared,
    entangled,
    least_caps,
    least,
    chosen,
):
    """Add to the ``n`` chosen the persons with several bills whom a design may pay; returns how many there are then.

    Lane 0 is for those whose bills can be settled each by itself up to the covered payer: nothing accumulates there,
    and no cap is reached.
    """
    base_row = TRAIL + TRAILS * prefix + BASE
    for i in range(n_several):
        first, last = at + begins[i], at + begins[i + 1]
        total, lowest, apart = 0, LARGEST_BILL, 0 if entangled else 1
        for b in range(first, last):
            total += bills[base_row, b] if shared else 0
            lowest, apart = min(lowest, least[bills[CASE, b]]), min(apart, plain[b])
        for p in range(prefix):
            so_far = 0
            for b in range(first, last):
                so_far += bills[TRAIL + TRAILS * p + PAID, b]
            apart = apart if so_far <= least_caps[p] else 0
        chosen[0, n], chosen[1, n], chosen[2, n] = first, last - first, several[i]
        chosen[3, n] = 0 if lean and apart == 1 and total <= EXACT else 1
        n += 1 if everyone or not shared or apart == 0 or total > lowest else 0
    return n


@compiled
def list_days(n, chosen, months, whose, days_of):
    """List the counters of the days of those whose days count: where months are kept, or a person's bills have an order.

    ``days_of`` is where a person's days begin, four of them to a counter.
    """
    m = 0
    for i in range(n):
        days_of[i] = 4 * m
        for quad in range((chosen[1, i] + 3) // 4 if months or chosen[1, i] > 1 else 0):
            whose[2, m], whose[3, m] = whose[0, chosen[2, i]], np.uint64(quad)
            m += 1
    return m


@compiled
def spread_days(n, words, days):
    """Lay the four days of each of ``n`` counters behind one another."""
    for i in range(n):
        for lane in range(4):
            days[4 * i + lane] = words[lane, i]


@compiled
def sort_bills(n, chosen, days, days_of, order):
    """Say in which ``order`` the bills of each person are settled: by day; of one day, as they were drawn."""
    for i in range(n):
        begin = days_of[i]
        for j in range(chosen[1, i] if chosen[1, i] > 1 else 0):
            day, to = (days[begin + j] * DAYS) >> BITS32, j
            while to > 0 and day < (days[begin + order[begin + to - 1]] * DAYS) >> BITS32:
                order[begin + to] = order[begin + to - 1]
                to -= 1
            order[begin + to] = j


@compiled
def take_several(
    n_chosen, chosen, days_of, order, bills, prefix, ranks, held, after, before, held_ends, places, starts, n
):
    """Lay the bills of the chosen of lane 0 by class; ``n`` persons are there already, returns how many are now."""
    base_row = TRAIL + TRAILS * prefix + BASE
    for i in range(n_chosen):
        if chosen[3, i] == 0:
            total, gross, first = 0, 0, chosen[0, i]
            for j in range(chosen[1, i]):
                b = first + order[days_of[i] + j]
                rank = ranks[bills[CASE, b]]
                at = held_ends[rank]
                before[at] = np.float64(total)
                total += bills[base_row, b]
                gross += bills[GROSS, b]
                after[at], places[starts[n] + j], held_ends[rank] = np.float64(total), at, at + 1
            held[ONE_OWN, n], held[ONE_GROSS, n] = total, gross
            for p in range(prefix):
                paid = 0
                for b in range(first, first + chosen[1, i]):
                    paid += bills[TRAIL + TRAILS * p + PAID, b]
                held[ONE_PAID + p, n] = paid
            starts[n + 1] = starts[n] + chosen[1, i]
            n += 1
    return n


@compiled
def take_in_full(n_chosen, chosen, days, days_of, order, bills, rows, starts, n, state, annual, cumulative, months, steps, primary, prefix, payers, terms):  # fmt: skip
    """Write the bills of the chosen of lane 1 to ``rows`` in order of discharge, settled up to the end of the prefix.

    ``starts`` and ``rows`` hold ``n`` persons already; returns how many they hold now.
    """
    positions = steps.shape[1]
    for i in range(n_chosen):
        if chosen[3, i] == 1:
            for p in range(positions):
                state[p, ACCUMULATED], state[p, SO_FAR], state[p, FULL] = 0, 0, 0
            for j in range(chosen[1, i]):
                to, nth = starts[n] + j, order[days_of[i] + j] if chosen[1, i] > 1 else 0
                for column in range(LEFT):
                    rows[column, to] = bills[column, chosen[0, i] + nth]
                rows[LEFT, to] = rows[PAYABLE, to]
                rows[MONTH, to] = MONTH_OF_DAY[(days[days_of[i] + nth] * DAYS) >> BITS32] if months else 0
                for p in range(positions):
                    own = TRAIL + TRAILS * p
                    rows[own + PAID, to], rows[own + ABSORBED, to] = -1, 0
                    rows[own + CUT, to], rows[own + BASE, to] = 0, 0
                settle_bill(rows, to, 0, prefix, 0, annual, cumulative, steps, primary, payers, terms, state)
            starts[n + 1] = starts[n] + chosen[1, i]
            n += 1
    return n


@compiled
def rank_classes(cases, ranks, classes):
    """Number the classes of case that the cells of a group have; returns how many."""
    n = 0
    for k in range(len(ranks)):
        ranks[k] = -1
    for c in range(len(cases)):
        if ranks[cases[c]] < 0:
            ranks[cases[c]], classes[n] = n, cases[c]
            n += 1
    return n


@compiled
def entangle(prefix, steps, payers, terms, least_caps):
    """Whether what the prefix pays on a bill hangs on other bills, caps apart; ``least_caps`` (p,) are the lowest."""
    entangled = False
    for p in range(prefix):
        u = steps[0, p]
        least_caps[p] = terms[u, 0, CAP]
        for k in range(terms.shape[1]):
            least_caps[p] = min(least_caps[p], terms[u, k, CAP])
        entangled = entangled or payers[u, BY_YEAR] != 0
        for q in range(steps.shape[1]):
            entangled = entangled or payers[u, PARTS + PER_PART * q + USES_CAP] != 0
    return entangled


@compiled
def simulate_block(replications, numbers, keys, counts, firsts, cells, guide, floors, bars, reach, lowest, cell_case, factors, cell_level, splits, coefficients, tails, bits, line_starts, lines, season, annual, cumulative, everyone, months, steps, primary, insured, counted_once, prefix, shared, payers, terms, least, edges, sizes, incomes, common, out):  # fmt: skip
    """Draw, settle and add up a block of replications; nothing is kept of any person.

    Axes: r replication, v 1 or r (one for all replications, where nothing differs between them), g group, s stream, c
    cell, f admissions of a person, d design. ``numbers`` (s, r, g) of persons, ``keys`` (s, g, 2), ``counts`` (s, v, g,
    t), ``firsts`` (v, g, f, i), ``cells`` (v, g, f, m, c), ``guide`` and ``floors`` (v, g, f, c) as in :mod:`fundsim.sampling`,
    ``bars`` (v, g, f, c) the high word of the cost below which an admission is paid by no design at hand, ``cell_case``
    (g, c), ``factors`` (v, g, c) fen per yuan, ``cell_level`` (c,) its severity, ``splits`` (v, c, 3) cumulative ppm,
    ``line_starts`` and ``lines`` as in :func:`quantile`, ``season`` (2, cells) of the days, ``least`` (case,) the lowest deductible of any design; where designs are told beside
    the first person by person, ``incomes`` (g,) and ``common`` bands, else both empty. ``out`` (d, r, g, columns) is
    added to.
    """
    positions, most, n_cells = steps.shape[1], CHUNK * MOST_ADMISSIONS, cell_case.shape[1]
    columns, room, held_room = TRAIL + TRAILS * positions, BUFFER + CHUNK + 1, BUFFER + most
    # What is drawn of each admission and of each four days: person and number; count, cell, high and low word of cost.
    # Then bills of a chunk, and persons chosen. Pages not touched cost nothing.
    whose, drawn = np.empty((4, most), dtype=np.uint64), np.empty((4, most), dtype=np.uint64)
    single, several, begins = (
        np.empty(CHUNK + 1, np.int64),
        np.empty(CHUNK + 1, np.int64),
        np.empty(CHUNK + 2, np.int64),
    )
    cell, uniform, plain = np.empty(most, np.int64), np.empty(most, np.uint64), np.empty(most, np.int64)
    bills, chosen = np.empty((columns, most), dtype=np.int64), np.empty((4, CHUNK + 1), dtype=np.int64)
    days, days_of, order = np.zeros(most + 4, np.uint64), np.empty(CHUNK, np.int64), np.empty(most + 4, np.int64)
    # People who wait to be settled: in full; with one bill; with several.
    rows, row_starts = np.empty((columns, held_room), dtype=np.int64), np.zeros(room, dtype=np.int64)
    people = np.zeros((ONE_PAID + positions, room), dtype=np.int64)
    row, state = np.zeros((columns, 1), dtype=np.int64), np.zeros((positions, 3), dtype=np.int64)
    lone, bases = np.empty((ONE_PAID + positions, n_cells * room), np.int64), np.empty(n_cells * room)
    held, starts = np.empty((ONE_PAID + positions, room), dtype=np.int64), np.zeros(room, dtype=np.int64)
    after, before = np.empty(n_cells * held_room), np.empty(n_cells * held_room)
    pays, above, places = (
        np.empty(n_cells * held_room, np.int64),
        np.empty(n_cells * held_room, np.int64),
        np.empty(held_room, np.int64),
    )
    work = np.empty((4, n_cells * held_room))
    lone_ends, held_ends = np.zeros(n_cells, dtype=np.int64), np.zeros(n_cells, dtype=np.int64)
    ranks, classes = np.empty(terms.shape[1], dtype=np.int64), np.zeros(n_cells, dtype=np.int64)
    least_caps = np.zeros(positions, dtype=np.int64)
    entangled = entangle(prefix, steps, payers, terms, least_caps)
    of_first = np.zeros((3, room), dtype=np.int64)
    lean = shared and prefix == positions - 1 and not months and not everyone and len(incomes) == 0
    for r in range(len(replications)):
        replication, v = np.uint64(replications[r]), min(r, floors.shape[0] - 1)
        for g in range(floors.shape[1]):
            n_classes = rank_classes(cell_case[g], ranks, classes)
            n_rows, n_held, n_lone = row_starts[0], row_starts[0], row_starts[0]  # zero; a literal is another type
            for rank in range(n_classes):
                lone_ends[rank], held_ends[rank] = rank * room, rank * held_room
            for s in range(numbers.shape[0]):
                for chunk in range(0, numbers[s, r, g], CHUNK):
                    n = min(CHUNK, numbers[s, r, g] - chunk)
                    for f in range(n):
                        whose[0, f], whose[1, f] = np.uint64(chunk + f), ZERO
                    draw(0, n, keys[s, g, 0], keys[s, g, 1], whose, 0, replication, ZERO, drawn)
                    n_single = list_persons(n, drawn, counts, s, v, g, single, several)
                    n_several = n - n_single
                    m = list_later(n, n_several, several, drawn, counts, s, v, g, whose, begins)
                    draw(n, m, keys[s, g, 0], keys[s, g, 1], whose, 0, replication, ZERO, drawn)
                    n_single = place_singles(
                        n_single, single, drawn, s, v, g, cells, guide, floors, bars, everyone, cell, uniform
                    )
                    n_several = place_several(
                        n_several, several, n, n_single, drawn, s, v, g, firsts, cells, guide, floors, bars, reach,
                        lowest, everyone, begins, cell, uniform,
                    )  # fmt: skip
                    m = n_single + begins[n_several]
                    price(
                        m, cell, uniform, v, g, factors, cell_case, cell_level, splits, coefficients, tails, bits,
                        line_starts, lines, bills,
                    )  # fmt: skip
                    settle_alone(m, bills, plain, prefix, shared, annual, steps, primary, payers, terms)
                    n_chosen = take_singles(
                        n_single, single, bills, lean, everyone, prefix, shared, least, ranks, lone, bases, lone_ends,
                        chosen,
                    )  # fmt: skip
                    n_chosen = choose_several(
                        n_chosen, n_several, several, n_single, begins, bills, plain, lean, everyone, prefix, shared,
                        entangled, least_caps, least, chosen,
                    )  # fmt: skip
                    n_days = list_days(n_chosen, chosen, months, whose, days_of)
                    draw(0, n_days, keys[s, g, 0], keys[s, g, 1], whose, 2, replication, ONE, drawn)
                    spread_days(n_days, drawn, days)
                    if season.shape[1] > 0:
                        by_season(4 * n_days, days, season)
                    sort_bills(n_chosen, chosen, days, days_of, order)
                    n_held = take_several(
                        n_chosen, chosen, days_of, order, bills, prefix, ranks, held, after, before, held_ends, places,
                        starts, n_held,
                    )  # fmt: skip
                    n_rows = take_in_full(
                        n_chosen, chosen, days, days_of, order, bills, rows, row_starts, n_rows, state, annual,
                        cumulative, months, steps, primary, prefix, payers, terms,
                    )  # fmt: skip
                    if row_starts[n_rows] >= BUFFER or n_rows >= BUFFER:
                        settle_designs(
                            n_rows, row_starts, rows, row, state, people, annual, cumulative, everyone, months, steps,
                            primary, insured, counted_once, prefix, payers, terms, edges, sizes, incomes, common,
                            of_first, r, g, out,
                        )  # fmt: skip
                        n_rows = row_starts[0]
                    n_lone = row_starts[0]
                    for rank in range(n_classes):
                        n_lone += lone_ends[rank] - rank * room
                    if n_lone >= BUFFER or starts[n_held] >= BUFFER or n_held >= BUFFER:
                        settle_by_curve(
                            lone, bases, lone_ends, held, after, before, held_ends, places, starts, n_held, n_classes,
                            classes, work, pays, above, cumulative, steps, prefix, payers, terms, edges, sizes, r, g,
                            out,
                        )  # fmt: skip
                        n_held = row_starts[0]
                        for rank in range(n_classes):
                            lone_ends[rank], held_ends[rank] = rank * room, rank * held_room
            if lean:
                settle_by_curve(
                    lone, bases, lone_ends, held, after, before, held_ends, places, starts, n_held, n_classes, classes,
                    work, pays, above, cumulative, steps, prefix, payers, terms, edges, sizes, r, g, out,
                )  # fmt: skip
            settle_designs(
                n_rows, row_starts, rows, row, state, people, annual, cumulative, everyone, months, steps, primary,
                insured, counted_once, prefix, payers, terms, edges, sizes, incomes, common, of_first, r, g, out,
            )  # fmt: skip
