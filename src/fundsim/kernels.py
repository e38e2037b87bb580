"""The compiled core: arrays in, arrays out. It knows no yuan, no policy and no file; it is the only file with numba.

Seventeen functions are compiled, all lazily typed, six of them only into their callers; each also runs as plain Python
(``function.py_func``), which is how they are tested without the compiler. Money is int64 fen, rates int64 ppm, random
words uint64.

Traps that shape this file:

* numba turns a mix of int64 and uint64 into float64 and ``~`` of a uint64 into an int64, so every constant that meets
  a random word is a uint64;
* an early ``break`` at the band that a base reaches cost five times a sum over all of them;
* a call hides its loop from the vectoriser even if it is inlined later: ``philox`` is inlined by force, and the loop
  around it is a function of its own (:func:`draw`), which made it four times as fast;
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
BUFFER = 1024
"""Bills after which the people at hand are settled, under one design after another."""

LOW32 = np.uint64(0xFFFFFFFF)
ALL64 = np.uint64(0xFFFFFFFFFFFFFFFF)
TOP64 = np.uint64(1 << 63)
BITS32 = np.uint64(32)
ZERO, ONE = np.uint64(0), np.uint64(1)
ONE32 = np.uint64(1 << 32)
ANY, BELOW, ABOVE = 0, 1, 2
"""What is known of an admission before it is drawn: nothing, that it lies below its floor, or that it does not."""
ROUND_0, ROUND_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
DAYS = np.uint64(365)
MONTH_OF_DAY = np.repeat(np.arange(12), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))

# Columns of a row of bills; from TRAIL on, for each position: paid, absorbed by the deductible, cut by the cap, base.
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
# What one person comes to under a design: the base of the primary covered payer, of all of them, what their deductibles
# absorbed ...; from ONE_PAID on, what each position paid.
ONE_OWN, ONE_BASE, ONE_ABSORBED, ONE_CLAIM, ONE_GROSS, ONE_AT_CAP, ONE_PAID = 0, 1, 2, 3, 4, 5, 6
# What the covered payer's curve needs of a bill: its base, the base before it, whose it is, class, what is left to pay.
FLAT_BASE, FLAT_BEFORE, FLAT_PERSON, FLAT_CASE, FLAT_LEFT = 0, 1, 2, 3, 4
# Columns of a result: of beneficiaries the gross cost, what counts for covered payers and the part of it above their
# deductibles; of everybody gross and payable cost and what patients bear of it; from FIRST_PAYER on what each position paid the beneficiaries, then
# pairs per band of own cost (persons, payments), then persons per size of payment; at last, where all bills are settled,
# for each month the number of bills and what each position paid.
CLAIMS, BENEFICIARIES, LARGEST, AT_CAP, OWN_GROSS, OWN_BASE, OWN_ABOVE = 0, 1, 2, 3, 4, 5, 6
ALL_GROSS, ALL_PAYABLE, ALL_LEFT, FIRST_PAYER = 7, 8, 9, 10


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
def draw(start, stop, key_0, key_1, whose, replication, last, words):
    """Write the ``words`` (4, n) of the counters (person, replication, number, last) of ``whose`` (2, n), several at a time."""
    for i in range(start, stop):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(
            key_0, key_1, whose[0, i], replication, whose[1, i], last
        )


@compiled
def by_season(m, days, season):
    """Move ``m`` uniform words of the day to where the season puts them, in order; see :mod:`fundsim.claims`."""
    shift, mask = np.uint64(20), np.uint64((1 << 20) - 1)
    for a in range(m):
        cell = np.int64(days[a] >> shift)
        days[a] = season[0, cell] + (((days[a] & mask) * season[1, cell]) >> shift)


@inlined
def quantile(r, v, level, coefficients, tails, bits):
    """Cost (yuan) at the uniform 64-bit integer ``r``: the recipe of :mod:`fundsim.severity.quantile_table`.

    ``coefficients`` (level, half, octave, cell, 4); ``tails`` (v, level, 4): weight, threshold, scale and index.
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
        return ((c3 * t + c2) * t + c1) * t + c0
    log = np.log(above / weight)
    return threshold - scale * log if index == 0.0 else threshold + scale * np.expm1(-index * log) / index


@inlined
def rounded(fen_ppm):
    """Fen x ppm, never negative, as fen: half up. The division is unsigned, which is the cheaper one."""
    return np.int64((np.uint64(fen_ppm) + HALF) // WHOLE)


@inlined
def counted(bills, b, p, u, k, annual, primary, payers, terms):
    """What of row ``b`` counts for step ``u`` at position ``p``: at least nothing, at most what is LEFT.

    Earlier positions are settled. ``primary``: position of the covered payer whose base ``annual`` bills are. A payer
    that tops others up looks at the whole bill, whatever they left.
    """
    cost = 0
    for category in range(3):
        cost += bills[b, COST_A + category] * (payers[u, category] - terms[u, k, ABOVE_SHARE])
    base = rounded(max(cost, 0))
    for q in range(p):
        part, trail = PARTS + PER_PART * q, TRAIL + TRAILS * q
        base += payers[u, part + PAID] * bills[b, trail + PAID]
        base += payers[u, part + ABSORBED] * bills[b, trail + ABSORBED]
        base += payers[u, part + CUT] * bills[b, trail + CUT]
    if annual and p == primary:
        base = bills[b, PAYABLE]
    return min(max(base, 0), bills[b, LEFT] + payers[u, TOPS] * (bills[b, PAYABLE] - bills[b, LEFT]))


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
def settle_bill(bills, b, first, last, d, annual, cumulative, steps, primary, payers, terms, state):
    """Settle row ``b`` of ``bills`` through positions ``first`` to ``last`` of design ``d``'s waterfall.

    Moves the row's LEFT and the ``state`` (p, 3) of each position. A PAID of -1 marks a position to be settled; any
    other value was given from outside and is kept. ``annual``: the bill is the primary covered payer's base itself.
    Tables are passed whole: a slice costs more than the sum it serves.
    """
    k = bills[b, CASE]
    for p in range(first, last):
        u, own = steps[d, p], TRAIL + TRAILS * p
        if u < 0:
            break
        if annual and p < primary[d]:
            bills[b, own + PAID] = 0
            continue
        base, left = counted(bills, b, p, u, k, annual, primary[d], payers, terms), bills[b, LEFT]
        if bills[b, own + PAID] >= 0:
            bills[b, own + BASE] = base
            bills[b, LEFT] = left - bills[b, own + PAID]
            state[p, SO_FAR] += bills[b, own + PAID]
            continue
        base *= terms[u, k, COVERS]
        before = state[p, ACCUMULATED] * payers[u, BY_YEAR]
        after = before + base
        topped, used = 0, state[p, SO_FAR]
        for q in range(last):
            part = PARTS + PER_PART * q
            topped += payers[u, part + TOPPED] * bills[b, TRAIL + TRAILS * q + PAID]
            used += payers[u, part + USES_CAP] * state[q, SO_FAR]
        owed, room = max(due(before, after, u, k, cumulative, terms) - topped, 0), max(terms[u, k, CAP] - used, 0)
        payment = min(owed, room, left)
        state[p, ACCUMULATED] = after
        state[p, SO_FAR] += payment
        state[p, FULL] = 1 if room <= payment else 0
        bills[b, own + PAID] = payment
        bills[b, own + ABSORBED] = min(after, terms[u, k, DEDUCTIBLE]) - min(before, terms[u, k, DEDUCTIBLE])
        bills[b, own + CUT] = owed - min(owed, room)
        bills[b, own + BASE] = base
        bills[b, LEFT] = left - payment


@compiled
def settle_people(starts, bills, d, annual, cumulative, steps, primary, payers, terms):
    """Settle the bills of many people under design ``d``; bills of a person are neighbours, in order of settlement.

    ``starts`` (n+1,) offsets of each person's rows in ``bills``, whose LEFT and trail are written.
    """
    state = np.zeros((steps.shape[1], 3), dtype=np.int64)
    for person in range(len(starts) - 1):
        for p in range(steps.shape[1]):
            state[p, ACCUMULATED], state[p, SO_FAR], state[p, FULL] = 0, 0, 0
        for b in range(starts[person], starts[person + 1]):
            settle_bill(bills, b, 0, steps.shape[1], d, annual, cumulative, steps, primary, payers, terms, state)


@compiled
def settle_designs(n, starts, bills, row, state, people, flat, annual, cumulative, everyone, months, steps, primary, insured, counted_once, prefix, shared, payers, terms, edges, sizes, r, g, out):  # fmt: skip
    """Settle ``n`` buffered people under every design, from the end of the shared prefix on, and add up results.

    ``edges`` (d, e) of the year's own cost and ``sizes`` (s,) of payments are upper ends of bands. ``out`` (d, r, g,
    columns) is added to. Scratch: ``row`` (1, columns) for one bill, ``people`` (columns, n) for what each person comes
    to, ``flat`` (columns, b) for what a curve needs of each bill. Where only the covered payer comes after the prefix,
    and its base is known, its curve is all that a design has to evaluate.
    """
    positions = steps.shape[1]
    curve_only = shared and prefix == positions - 1 and not months
    lay_flat(n, starts, bills, people, flat, prefix)
    for d in range(steps.shape[0]):
        u = steps[d, prefix]
        if curve_only:
            for person in range(n):
                people[ONE_CLAIM, person], people[ONE_ABSORBED, person] = 0, 0
            for b in range(starts[n]):
                k, person = flat[FLAT_CASE, b], flat[FLAT_PERSON, b]
                before, so_far = flat[FLAT_BEFORE, b] * payers[u, BY_YEAR], people[ONE_CLAIM, person]
                after = before + flat[FLAT_BASE, b]
                payment = due(before, after, u, k, cumulative, terms)
                people[ONE_CLAIM, person] = so_far + min(payment, max(terms[u, k, CAP] - so_far, 0), flat[FLAT_LEFT, b])
                people[ONE_ABSORBED, person] += min(after, terms[u, k, DEDUCTIBLE])
                people[ONE_ABSORBED, person] -= min(before, terms[u, k, DEDUCTIBLE])
            for person in range(n):
                claim, cap = people[ONE_CLAIM, person], terms[u, flat[FLAT_CASE, starts[person + 1] - 1], CAP]
                people[ONE_AT_CAP, person] = 1 if claim > 0 and claim >= cap else 0
                people[ONE_PAID + prefix, person], people[ONE_BASE, person] = claim, people[ONE_OWN, person]
        else:
            settle_in_full(
                n, starts, bills, row, state, people, d, annual, cumulative, everyone, months, steps, primary, insured,
                counted_once, prefix, payers, terms, r, g, out,
            )  # fmt: skip
        add_up(n, people, d, positions, edges, sizes, r, g, out)


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
            for column in range(bills.shape[1]):
                row[0, column] = bills[b, column]
            for p in range(prefix):
                state[p, SO_FAR] += row[0, TRAIL + TRAILS * p + PAID]
            for p in range(prefix, positions):
                row[0, TRAIL + TRAILS * p + PAID] = -1 if steps[d, p] >= 0 else 0
            settle_bill(row, 0, prefix, positions, d, annual, cumulative, steps, primary, payers, terms, state)
            own += row[0, TRAIL + TRAILS * at + BASE]
            for p in range(prefix, positions):
                base += counted_once[d, p] * row[0, TRAIL + TRAILS * p + BASE]
                absorbed += counted_once[d, p] * row[0, TRAIL + TRAILS * p + ABSORBED]
            if everyone:
                out[d, r, g, ALL_GROSS] += row[0, GROSS]
                out[d, r, g, ALL_PAYABLE] += row[0, PAYABLE]
                out[d, r, g, ALL_LEFT] += row[0, LEFT]
            if months:
                month = first_month + month_wide * row[0, MONTH]
                out[d, r, g, month] += 1
                for p in range(positions):
                    out[d, r, g, month + 1 + p] += row[0, TRAIL + TRAILS * p + PAID]
        for p in range(positions):
            people[ONE_PAID + p, person] = state[p, SO_FAR]
            claim += insured[d, p] * state[p, SO_FAR]
            at_cap += insured[d, p] * state[p, FULL]
        people[ONE_OWN, person], people[ONE_BASE, person] = own, base
        people[ONE_ABSORBED, person], people[ONE_CLAIM, person] = absorbed, claim
        people[ONE_AT_CAP, person] = 1 if claim > 0 and at_cap > 0 else 0


@compiled
def lay_flat(n, starts, bills, people, flat, prefix):
    """Lay out what no design changes: of each person gross cost and what the prefix paid, of each bill its base."""
    base = TRAIL + TRAILS * prefix + BASE
    for person in range(n):
        own, gross = 0, 0
        for p in range(prefix):
            people[ONE_PAID + p, person] = 0
        for b in range(starts[person], starts[person + 1]):
            flat[FLAT_BASE, b], flat[FLAT_BEFORE, b], flat[FLAT_PERSON, b] = bills[b, base], own, person
            flat[FLAT_CASE, b], flat[FLAT_LEFT, b] = bills[b, CASE], bills[b, LEFT]
            own += bills[b, base]
            gross += bills[b, GROSS]
            for p in range(prefix):
                people[ONE_PAID + p, person] += bills[b, TRAIL + TRAILS * p + PAID]
        people[ONE_OWN, person], people[ONE_GROSS, person] = own, gross


@compiled
def add_up(n, people, d, positions, edges, sizes, r, g, out):
    """Add what ``n`` people come to under design ``d``: in many short loops over all of them, each made of vectors."""
    claims, beneficiaries, largest, at_cap, own_gross, own_base, own_above = 0, 0, 0, 0, 0, 0, 0
    for i in range(n):
        claim, paid = people[ONE_CLAIM, i], 1 if people[ONE_CLAIM, i] > 0 else 0
        claims += claim
        beneficiaries += paid
        largest = max(largest, claim)
        at_cap += people[ONE_AT_CAP, i]
        own_gross += people[ONE_GROSS, i] * paid
        own_base += people[ONE_BASE, i] * paid
        own_above += (people[ONE_BASE, i] - people[ONE_ABSORBED, i]) * paid
    out[d, r, g, CLAIMS] += claims
    out[d, r, g, BENEFICIARIES] += beneficiaries
    out[d, r, g, LARGEST] = max(out[d, r, g, LARGEST], largest)
    out[d, r, g, AT_CAP] += at_cap
    out[d, r, g, OWN_GROSS] += own_gross
    out[d, r, g, OWN_BASE] += own_base
    out[d, r, g, OWN_ABOVE] += own_above
    for p in range(positions):
        amount = 0
        for i in range(n):
            amount += people[ONE_PAID + p, i] if people[ONE_CLAIM, i] > 0 else 0
        out[d, r, g, FIRST_PAYER + p] += amount
    band = FIRST_PAYER + positions
    out[d, r, g, band] += beneficiaries  # in bands: all, less those above the first edge, and so on
    out[d, r, g, band + 1] += claims
    for e in range(edges.shape[1]):
        above, amount = 0, 0
        for i in range(n):
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
        above = 0
        for i in range(n):
            above += 1 if people[ONE_CLAIM, i] > sizes[e] else 0
        out[d, r, g, size + e] -= above
        out[d, r, g, size + e + 1] += above


@compiled
def list_persons(chunk, n, drawn, counts, s, v, g, whose, slot, number, count, several):
    """Tell of ``n`` persons drawn how many admissions they have (``count``), and list those who have several."""
    one, n_several = counts[s, v, g, 1], 0
    for f in range(n):
        count[f], slot[f], number[f] = 1, f, 0
        several[n_several] = f
        n_several += 1 if drawn[0, f] >= one else 0
    return n_several


@compiled
def list_later(n, n_several, several, drawn, counts, s, v, g, whose, slot, number, count, later):
    """List the further admissions of persons with ``several`` behind the first ones; returns how many there are in all.

    ``later`` is where the second admission of a person stands.
    """
    m = n
    for i in range(n_several):
        f, k = several[i], 2
        while drawn[0, f] >= counts[s, v, g, k]:
            k += 1
        count[f], later[f] = k, m
        for j in range(1, k):
            whose[0, m], whose[1, m], slot[m], number[m] = whose[0, f], np.uint64(j), f, j
            m += 1
    return m


@compiled
def place(m, drawn, s, v, g, firsts, cells, floors, slot, number, count, later, cell, uniform):
    """Say of ``m`` admissions which ``cell`` they are of, and the ``uniform`` 64 bits of their cost there.

    Of a relevant person the first admission at or above its floor is drawn from there on, those before it below; of the
    rest all are drawn below.
    """
    most, last, n_cells = floors.shape[2], firsts.shape[3], cells.shape[4]
    for a in range(m):
        f, j = slot[a], number[a]
        k = min(count[f], most) - 1
        first, known = 0, BELOW
        if s == 0:
            if count[f] > 1:
                word = drawn[0, later[f]]
                for i in range(last):
                    first += 1 if word >= firsts[v, g, k, i] else 0
            known = BELOW if j < first else ABOVE if j == first else ANY
        c = 0
        for i in range(n_cells - 1):
            c += 1 if drawn[1, a] >= cells[v, g, k, known, i] else 0
        floor = floors[v, g, k, c]
        offset = floor if known == ABOVE else ZERO
        width = ONE32 if known == ANY else floor if known == BELOW else ONE32 - floor
        cell[a] = c
        uniform[a] = (offset << BITS32) + drawn[2, a] * width + ((drawn[3, a] * width) >> BITS32)


@compiled
def pick_persons(m, uniform, cell, slot, count, v, g, bars, everyone, picked, chosen):
    """List in ``picked`` the slots of persons with an admission at or above its cell's bar; returns how many.

    ``chosen`` (all False) is scratch.
    """
    n = 0
    for a in range(m):
        f = slot[a]
        k = count[f]
        matters = everyone or k > bars.shape[2] or uniform[a] >> BITS32 >= bars[v, g, min(k, bars.shape[2]) - 1, cell[a]]
        if matters and not chosen[f]:
            chosen[f] = True
            picked[n] = f
            n += 1
    for i in range(n):
        chosen[picked[i]] = False
    return n


@compiled
def list_days(n_picked, picked, count, months, whose, days_of):
    """List the counters of the days of those whose days count: where months are kept, or a person's bills have an order.

    ``days_of`` is where a person's days begin, four of them to a counter.
    """
    n = 0
    for i in range(n_picked):
        f = picked[i]
        k = count[f]
        days_of[f] = 4 * n
        for quad in range((k + 3) // 4 if months or k > 1 else 0):
            days_whose = n
            whose[2, days_whose], whose[3, days_whose] = whose[0, f], np.uint64(quad)
            n += 1
    return n


@compiled
def spread_days(n, words, days):
    """Lay the four days of each of ``n`` counters behind one another."""
    for i in range(n):
        for lane in range(4):
            days[4 * i + lane] = words[lane, i]


@compiled
def write_bills(n_picked, picked, count, later, cell, uniform, days, days_of, v, g, factors, cell_case, cell_level, splits, coefficients, tails, bits, order, bills, starts, n, state, annual, cumulative, everyone, months, steps, primary, prefix, shared, payers, terms, least):  # fmt: skip
    """Turn the admissions of the ``picked`` persons into bills in order of discharge, and settle what designs share.

    ``starts`` and ``bills`` hold ``n`` persons already; returns how many they hold now. A person whom no design can
    pay, given ``least`` (case,), the lowest deductible of any design, is written over. ``order`` is scratch.
    """
    positions = steps.shape[1]
    for i in range(n_picked):
        f = picked[i]
        k = count[f]
        first_day = days_of[f]
        for j in range(k):  # insertion sort by day; admissions of one day keep their order
            to = j
            while to > 0 and (days[first_day + j] * DAYS) >> BITS32 < (days[first_day + order[to - 1]] * DAYS) >> BITS32:
                order[to] = order[to - 1]
                to -= 1
            order[to] = j
        for p in range(positions):
            state[p, ACCUMULATED], state[p, SO_FAR], state[p, FULL] = 0, 0, 0
        total, lowest = 0, LARGEST_BILL
        for j in range(k):
            b, a = starts[n] + j, f if order[j] == 0 else later[f] + order[j] - 1
            c = cell[a]
            yuan = quantile(uniform[a], v, cell_level[c], coefficients, tails, bits)
            amount = np.int64(min(yuan * factors[v, g, c] + 0.5, LARGEST_BILL))
            part_b = rounded(amount * splits[v, c, 0])
            part_bc = rounded(amount * splits[v, c, 1])
            part_bcx = rounded(amount * splits[v, c, 2])
            case = cell_case[g, c]
            bills[b, GROSS] = amount
            bills[b, COST_A], bills[b, COST_B], bills[b, COST_C] = amount - part_bcx, part_b, part_bc - part_b
            bills[b, CASE] = case
            bills[b, PAYABLE] = amount - (part_bcx - part_bc)
            bills[b, LEFT] = bills[b, PAYABLE]
            bills[b, MONTH] = MONTH_OF_DAY[(days[first_day + order[j]] * DAYS) >> BITS32] if months else 0
            for p in range(positions):
                own = TRAIL + TRAILS * p
                bills[b, own + PAID], bills[b, own + ABSORBED] = -1, 0
                bills[b, own + CUT], bills[b, own + BASE] = 0, 0
            settle_bill(bills, b, 0, prefix, 0, annual, cumulative, steps, primary, payers, terms, state)
            if shared:
                u = steps[0, prefix]
                base = counted(bills, b, prefix, u, case, annual, primary[0], payers, terms) * terms[u, case, COVERS]
                bills[b, TRAIL + TRAILS * prefix + BASE] = base
                total += base
                lowest = min(lowest, least[case])
        starts[n + 1] = starts[n] + k
        n += 1 if everyone or not shared or total > lowest else 0
    return n


@compiled
def simulate_block(replications, numbers, keys, counts, firsts, cells, floors, bars, cell_case, factors, cell_level, splits, coefficients, tails, bits, season, annual, cumulative, everyone, months, steps, primary, insured, counted_once, prefix, shared, payers, terms, least, edges, sizes, out):  # fmt: skip
    """Draw, settle and add up a block of replications; nothing is kept of any person.

    Axes: r replication, v 1 or r (one for all replications, where nothing differs between them), g group, s stream, c
    cell, f admissions of a person, d design. ``numbers`` (s, r, g) of persons, ``keys`` (s, g, 2), ``counts`` (s, v, g,
    t), ``firsts`` (v, g, f, i), ``cells`` (v, g, f, m, c) and ``floors`` (v, g, f, c) as in :mod:`fundsim.sampling`,
    ``bars`` (v, g, f, c) the high word of the cost below which an admission is paid by no design at hand, ``cell_case``
    (g, c), ``factors`` (v, g, c) fen per yuan, ``cell_level`` (c,) its severity, ``splits`` (v, c, 3) cumulative ppm,
    ``season`` (2, cells) of the days. ``out`` (d, r, g, columns) is added to.
    """
    columns, most = TRAIL + TRAILS * steps.shape[1], CHUNK * MOST_ADMISSIONS
    bills, starts = np.empty((BUFFER + most, columns), dtype=np.int64), np.zeros(BUFFER + CHUNK + 1, dtype=np.int64)
    row, state = np.zeros((1, columns), dtype=np.int64), np.zeros((steps.shape[1], 3), dtype=np.int64)
    people = np.zeros((ONE_PAID + steps.shape[1], BUFFER + CHUNK + 1), dtype=np.int64)
    flat = np.empty((FLAT_LEFT + 1, BUFFER + most), dtype=np.int64)
    order, days_of = np.empty(MOST_ADMISSIONS, dtype=np.int64), np.empty(CHUNK, dtype=np.int64)
    count, later, several = np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64), np.empty(CHUNK + 1, np.int64)
    picked, chosen = np.empty(CHUNK, np.int64), np.zeros(CHUNK, np.bool_)
    # Of each admission: person and number (and of each four days: person and number); count, cell, high and low word of
    # its cost. Pages not touched cost nothing.
    whose, drawn = np.empty((4, most), dtype=np.uint64), np.empty((4, most), dtype=np.uint64)
    slot, number, cell = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    uniform, days = np.empty(most, np.uint64), np.zeros(most + 4, np.uint64)
    for r in range(len(replications)):
        replication, v = np.uint64(replications[r]), min(r, floors.shape[0] - 1)
        for g in range(floors.shape[1]):
            n = starts[0]  # zero; written as 0, numba would compile all that take it twice
            for s in range(numbers.shape[0]):
                for chunk in range(0, numbers[s, r, g], CHUNK):
                    at_hand = min(CHUNK, numbers[s, r, g] - chunk)
                    for f in range(at_hand):
                        whose[0, f], whose[1, f] = np.uint64(chunk + f), ZERO
                    draw(0, at_hand, keys[s, g, 0], keys[s, g, 1], whose, replication, ZERO, drawn)
                    n_several = list_persons(chunk, at_hand, drawn, counts, s, v, g, whose, slot, number, count, several)
                    m = list_later(
                        at_hand, n_several, several, drawn, counts, s, v, g, whose, slot, number, count, later
                    )
                    draw(at_hand, m, keys[s, g, 0], keys[s, g, 1], whose, replication, ZERO, drawn)
                    place(m, drawn, s, v, g, firsts, cells, floors, slot, number, count, later, cell, uniform)
                    n_picked = pick_persons(m, uniform, cell, slot, count, v, g, bars, everyone, picked, chosen)
                    n_days = list_days(n_picked, picked, count, months, whose, days_of)
                    draw(0, n_days, keys[s, g, 0], keys[s, g, 1], whose[2:], replication, ONE, drawn)
                    spread_days(n_days, drawn, days)
                    if season.shape[1] > 0:
                        by_season(4 * n_days, days, season)
                    n = write_bills(
                        n_picked, picked, count, later, cell, uniform, days, days_of, v, g, factors, cell_case,
                        cell_level, splits, coefficients, tails, bits, order, bills, starts, n, state, annual,
                        cumulative, everyone, months, steps, primary, prefix, shared, payers, terms, least,
                    )  # fmt: skip
                    if starts[n] >= BUFFER or n >= BUFFER:
                        settle_designs(
                            n, starts, bills, row, state, people, flat, annual, cumulative, everyone, months,
                            steps, primary, insured, counted_once, prefix, shared, payers, terms, edges, sizes, r, g,
                            out,
                        )  # fmt: skip
                        n = starts[0]
            settle_designs(
                n, starts, bills, row, state, people, flat, annual, cumulative, everyone, months,
                steps, primary, insured, counted_once, prefix, shared, payers, terms, edges, sizes, r, g, out,
            )  # fmt: skip
