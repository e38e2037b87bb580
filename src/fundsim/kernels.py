"""The compiled core: arrays in, arrays out. It knows no yuan, no policy and no file; it is the only file with numba.

Fifteen functions are compiled, all lazily typed, six of them only into their callers; each also runs as plain Python
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
ZERO = np.uint64(0)
ROUND_0, ROUND_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
DAYS = np.uint64(365)

# Columns of a row of bills; from TRAIL on, one triple per position: paid, absorbed by the deductible, base.
GROSS, COST_A, COST_B, COST_C, CASE, PAYABLE, LEFT, TRAIL = 0, 1, 2, 3, 4, 5, 6, 7
PAID, ABSORBED, BASE = 0, 1, 2
# Columns of a payer step: counted shares, whether it accumulates by year, then pairs per position: less paid, less
# deductible. Columns of its terms for a class: deductible, cap, cover, then pairs per knot: knot, change of slope.
BY_YEAR, LESS = 3, 4
DEDUCTIBLE, CAP, COVERS, CURVE = 0, 1, 2, 3
# What one person comes to under a design; from ONE_PAID on, what each position paid.
ONE_OWN, ONE_CLAIM, ONE_GROSS, ONE_AT_CAP, ONE_PAID = 0, 1, 2, 3, 4
# What the covered payer's curve needs of a bill: its base, the base before it, whose it is, class, what is left to pay.
FLAT_BASE, FLAT_BEFORE, FLAT_PERSON, FLAT_CASE, FLAT_LEFT = 0, 1, 2, 3, 4
# Columns of a result; from FIRST_PAYER on what each position paid the beneficiaries, then pairs per band of own cost
# (persons, payments), then persons per size of payment.
CLAIMS, BENEFICIARIES, LARGEST, AT_CAP, OWN_GROSS, ALL_GROSS, FIRST_PAYER = 0, 1, 2, 3, 4, 5, 6


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
def draw(n, key_0, key_1, persons, replication, numbers, words):
    """Write the ``words`` (4, n) of ``n`` counters (person, replication, number, 0), several at a time."""
    for i in range(n):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(
            key_0, key_1, persons[i], replication, numbers[i], ZERO
        )


@inlined
def quantile(r, level, coefficients, tails, bits):
    """Cost (yuan) at the uniform 64-bit integer ``r``: the recipe of :mod:`fundsim.severity.quantile_table`.

    ``coefficients`` (level, half, octave, cell, 4); ``tails`` (level, 4): weight, threshold, scale and index.
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
    weight, threshold, scale, index = tails[level, 0], tails[level, 1], tails[level, 2], tails[level, 3]
    v = (np.float64(s) + 0.5) * 2.0**-64
    if v > weight:
        return ((c3 * t + c2) * t + c1) * t + c0
    log_v = np.log(v / weight)
    return threshold - scale * log_v if index == 0.0 else threshold + scale * np.expm1(-index * log_v) / index


@inlined
def rounded(fen_ppm):
    """Fen x ppm, never negative, as fen: half up. The division is unsigned, which is the cheaper one."""
    return np.int64((np.uint64(fen_ppm) + HALF) // WHOLE)


@inlined
def counted(bills, b, p, u, annual, covered, payers):
    """What of row ``b`` counts for step ``u`` at position ``p``: at least nothing, at most what is LEFT.

    Earlier positions are settled. ``covered``: position of the covered payer, whose base ``annual`` bills are.
    """
    cost = 0
    for category in range(3):
        cost += bills[b, COST_A + category] * payers[u, category]
    base = rounded(cost)
    for q in range(p):
        base -= payers[u, LESS + 2 * q] * bills[b, TRAIL + 3 * q + PAID]
        base -= payers[u, LESS + 2 * q + 1] * bills[b, TRAIL + 3 * q + ABSORBED]
    if annual and p == covered:
        base = bills[b, PAYABLE]
    return min(max(base, 0), bills[b, LEFT])


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
def settle_bill(bills, b, first, last, d, annual, cumulative, steps, covered, payers, terms, state):
    """Settle row ``b`` of ``bills`` through positions ``first`` to ``last`` of design ``d``'s waterfall.

    Moves the row's LEFT and the ``state`` (p, 2) of each position: accumulated base and payments of the year. A PAID
    of -1 marks a position to be settled; any other value was given from outside and is kept. ``annual``: the bill is
    the covered payer's base itself. Tables are passed whole: a slice costs more than the sum it serves.
    """
    k = bills[b, CASE]
    for p in range(first, last):
        u, own = steps[d, p], TRAIL + 3 * p
        if u < 0:
            break
        if annual and p < covered[d]:
            bills[b, own + PAID] = 0
            continue
        base, left = counted(bills, b, p, u, annual, covered[d], payers), bills[b, LEFT]
        if bills[b, own + PAID] >= 0:
            bills[b, own + BASE] = base
            bills[b, LEFT] = left - bills[b, own + PAID]
            state[p, 1] += bills[b, own + PAID]
            continue
        base *= terms[u, k, COVERS]
        before = state[p, 0] * payers[u, BY_YEAR]
        after = before + base
        payment = min(due(before, after, u, k, cumulative, terms), max(terms[u, k, CAP] - state[p, 1], 0), left)
        state[p, 0] = after
        state[p, 1] += payment
        bills[b, own + PAID] = payment
        bills[b, own + ABSORBED] = min(after, terms[u, k, DEDUCTIBLE]) - min(before, terms[u, k, DEDUCTIBLE])
        bills[b, own + BASE] = base
        bills[b, LEFT] = left - payment


@compiled
def settle_people(starts, bills, d, annual, cumulative, steps, covered, payers, terms):
    """Settle the bills of many people under design ``d``; bills of a person are neighbours, in order of settlement.

    ``starts`` (n+1,) offsets of each person's rows in ``bills``, whose LEFT and trail are written.
    """
    state = np.zeros((steps.shape[1], 2), dtype=np.int64)
    for person in range(len(starts) - 1):
        for p in range(steps.shape[1]):
            state[p, 0], state[p, 1] = 0, 0
        for b in range(starts[person], starts[person + 1]):
            settle_bill(bills, b, 0, steps.shape[1], d, annual, cumulative, steps, covered, payers, terms, state)


@compiled
def settle_designs(n, starts, bills, row, state, people, flat, annual, cumulative, everyone, steps, covered, prefix, shared, payers, terms, edges, sizes, r, g, out):  # fmt: skip
    """Settle ``n`` buffered people under every design, from the end of the shared prefix on, and add up results.

    ``edges`` (d, e) of the year's own cost and ``sizes`` (s,) of payments are upper ends of bands. ``out`` (d, r, g,
    columns) is added to. Scratch: ``row`` (1, columns) for one bill, ``people`` (columns, n) for what each person comes
    to, ``flat`` (columns, b) for what a curve needs of each bill. Where only the covered payer comes after the prefix,
    and its base is known, its curve is all that a design has to evaluate.
    """
    positions = steps.shape[1]
    curve_only = shared and prefix == positions - 1
    lay_flat(n, starts, bills, people, flat, prefix)
    for d in range(steps.shape[0]):
        at, u = covered[d], steps[d, prefix]
        if curve_only:
            for person in range(n):
                people[ONE_CLAIM, person] = 0
            for b in range(starts[n]):
                k, person = flat[FLAT_CASE, b], flat[FLAT_PERSON, b]
                before, so_far = flat[FLAT_BEFORE, b] * payers[u, BY_YEAR], people[ONE_CLAIM, person]
                payment = due(before, before + flat[FLAT_BASE, b], u, k, cumulative, terms)
                people[ONE_CLAIM, person] = so_far + min(payment, max(terms[u, k, CAP] - so_far, 0), flat[FLAT_LEFT, b])
            for person in range(n):
                people[ONE_PAID + prefix, person] = people[ONE_CLAIM, person]
        else:
            for person in range(n):
                own, claim = 0, 0
                for p in range(positions):
                    state[p, 0], state[p, 1] = 0, 0
                for b in range(starts[person], starts[person + 1]):
                    for column in range(bills.shape[1]):
                        row[0, column] = bills[b, column]
                    for p in range(prefix, positions):
                        row[0, TRAIL + 3 * p + PAID] = -1
                    settle_bill(row, 0, prefix, positions, d, annual, cumulative, steps, covered, payers, terms, state)
                    own += row[0, TRAIL + 3 * at + BASE]
                    claim += row[0, TRAIL + 3 * at + PAID]
                for p in range(prefix, positions):
                    people[ONE_PAID + p, person] = state[p, 1]
                people[ONE_OWN, person], people[ONE_CLAIM, person] = own, claim
        for person in range(n):
            claim, cap = people[ONE_CLAIM, person], terms[steps[d, at], flat[FLAT_CASE, starts[person + 1] - 1], CAP]
            people[ONE_AT_CAP, person] = 1 if claim > 0 and claim >= cap else 0
        add_up(n, people, d, positions, everyone, edges, sizes, r, g, out)


@compiled
def lay_flat(n, starts, bills, people, flat, prefix):
    """Lay out what no design changes: of each person gross cost and what the prefix paid, of each bill its base."""
    base = TRAIL + 3 * prefix + BASE
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
                people[ONE_PAID + p, person] += bills[b, TRAIL + 3 * p + PAID]
        people[ONE_OWN, person], people[ONE_GROSS, person] = own, gross


@compiled
def add_up(n, people, d, positions, everyone, edges, sizes, r, g, out):  # fmt: skip
    """Add what ``n`` people come to under design ``d``: in many short loops over all of them, each made of vectors."""
    claims, beneficiaries, largest, at_cap, own_gross, all_gross = 0, 0, 0, 0, 0, 0
    for i in range(n):
        claim, paid = people[ONE_CLAIM, i], 1 if people[ONE_CLAIM, i] > 0 else 0
        claims += claim
        beneficiaries += paid
        largest = max(largest, claim)
        at_cap += people[ONE_AT_CAP, i]
        own_gross += people[ONE_GROSS, i] * paid
        all_gross += people[ONE_GROSS, i]
    out[d, r, g, CLAIMS] += claims
    out[d, r, g, BENEFICIARIES] += beneficiaries
    out[d, r, g, LARGEST] = max(out[d, r, g, LARGEST], largest)
    out[d, r, g, AT_CAP] += at_cap
    out[d, r, g, OWN_GROSS] += own_gross
    out[d, r, g, ALL_GROSS] += all_gross if everyone else 0
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
def list_admissions(chunk, n_persons, words, thresholds, row_t, g, least_floor, person, counts, later, several, whose, slot, bar):  # fmt: skip
    """List the admissions of a chunk of persons, the first of each, then all further ones; returns how many there are.

    Of each ``person`` admitted: how many (``counts``) and where in the list the second is (``later``). Of each
    admission: ``whose`` (2, m) it is and its number, the ``slot`` of its person, and the ``bar`` below which the high
    word of its cost cannot matter: ``least_floor`` (k,), the lowest floor of all cells. ``several`` is scratch.
    """
    nobody, one = thresholds[row_t, g, 0], thresholds[row_t, g, 1]
    n = 0
    for lane in range(4):
        for quad in range((n_persons + 3 - lane) // 4):
            person[n] = 4 * quad + lane
            n += 1 if words[lane, quad] >= nobody else 0
    n_several, first_bar = 0, least_floor[0]
    for f in range(n):
        whose[0, f], whose[1, f] = np.uint64(chunk + person[f]), ZERO
        counts[f], slot[f], bar[f] = 1, f, first_bar
        several[n_several] = f
        n_several += 1 if words[person[f] & 3, person[f] >> 2] >= one else 0
    m = n
    for i in range(n_several):
        f, k = several[i], 2
        while words[person[f] & 3, person[f] >> 2] >= thresholds[row_t, g, k]:
            k += 1
        counts[f], later[f], bar[f] = k, m, least_floor[min(k, len(least_floor)) - 1]
        for j in range(1, k):
            whose[0, m], whose[1, m], slot[m], bar[m] = whose[0, f], np.uint64(j), f, bar[f]
            m += 1
    return m


@compiled
def pick_persons(m, drawn, bar, slot, counts, g, cell_thresholds, floors, everyone, hits, picked, chosen):
    """List in ``picked`` the slots of persons with an admission at or above its cell's floor; returns how many.

    Most admissions end at the ``bar``, before their cell is looked up. ``hits`` and ``chosen`` (all False) are scratch.
    """
    n_hits, n = 0, 0
    for a in range(m):
        hits[n_hits] = a
        n_hits += 1 if drawn[1, a] >= bar[a] else 0
    for h in range(n_hits):
        a = hits[h]
        f, cell = slot[a], 0
        for c in range(cell_thresholds.shape[1] - 1):
            cell += 1 if drawn[0, a] >= cell_thresholds[g, c] else 0
        k = counts[f]
        matters = everyone or k > floors.shape[2] or drawn[1, a] >= floors[g, cell, min(k, floors.shape[2]) - 1]
        if matters and not chosen[f]:
            chosen[f] = True
            picked[n] = f
            n += 1
    for i in range(n):
        chosen[picked[i]] = False
    return n


@compiled
def write_bills(n_picked, picked, counts, later, drawn, g, factor, cell_thresholds, cell_case, cell_level, splits, coefficients, tails, bits, order, bills, starts, n, state, annual, cumulative, everyone, steps, covered, prefix, shared, payers, terms, least):  # fmt: skip
    """Turn the admissions of the ``picked`` persons into bills in order of discharge, and settle what designs share.

    ``starts`` and ``bills`` hold ``n`` persons already; returns how many they hold now. A person whom no design can
    pay, given ``least`` (case,), the lowest deductible of any design, is written over. ``order`` is scratch.
    """
    positions = steps.shape[1]
    for i in range(n_picked):
        f = picked[i]
        k = counts[f]
        order[0] = f
        for j in range(1, k):
            order[j] = later[f] + j - 1
        for j in range(1, k):  # insertion sort by day; admissions of one day keep their order
            a, to = order[j], j
            while to > 0 and (drawn[3, a] * DAYS) >> BITS32 < (drawn[3, order[to - 1]] * DAYS) >> BITS32:
                order[to] = order[to - 1]
                to -= 1
            order[to] = a
        for p in range(positions):
            state[p, 0], state[p, 1] = 0, 0
        total, lowest = 0, LARGEST_BILL
        for j in range(k):
            b, a, cell = starts[n] + j, order[j], 0
            for c in range(cell_thresholds.shape[1] - 1):
                cell += 1 if drawn[0, a] >= cell_thresholds[g, c] else 0
            word = (drawn[1, a] << BITS32) | drawn[2, a]
            yuan = quantile(word, cell_level[cell], coefficients, tails, bits)
            amount = np.int64(min(yuan * factor + 0.5, LARGEST_BILL))
            part_b = rounded(amount * splits[cell, 0])
            part_bc = rounded(amount * splits[cell, 1])
            part_bcx = rounded(amount * splits[cell, 2])
            case = cell_case[g, cell]
            bills[b, GROSS] = amount
            bills[b, COST_A], bills[b, COST_B], bills[b, COST_C] = amount - part_bcx, part_b, part_bc - part_b
            bills[b, CASE] = case
            bills[b, PAYABLE] = amount - (part_bcx - part_bc)
            bills[b, LEFT] = bills[b, PAYABLE]
            for p in range(positions):
                own = TRAIL + 3 * p
                bills[b, own + PAID], bills[b, own + ABSORBED], bills[b, own + BASE] = -1, 0, 0
            settle_bill(bills, b, 0, prefix, 0, annual, cumulative, steps, covered, payers, terms, state)
            if shared:
                u = steps[0, prefix]
                base = counted(bills, b, prefix, u, annual, covered[0], payers) * terms[u, case, COVERS]
                bills[b, TRAIL + 3 * prefix + BASE] = base
                total += base
                lowest = min(lowest, least[case])
        starts[n + 1] = starts[n] + k
        n += 1 if everyone or not shared or total > lowest else 0
    return n


@compiled
def simulate_block(replications, persons, count_keys, admission_keys, thresholds, cell_thresholds, floors, cell_case, factors, cell_level, splits, coefficients, tails, bits, annual, cumulative, everyone, steps, covered, prefix, shared, payers, terms, least, edges, sizes, out):  # fmt: skip
    """Draw, settle and add up a block of replications; nothing is kept of any person.

    Axes: r replication, g group, c cell, d design. ``persons`` (g,), keys of counts and admissions (g, 2), count
    ``thresholds`` (1 or r, g, t), ``cell_thresholds`` (g, c), ``floors`` (g, c, k) high word of the cost below which
    an admission among k cannot matter, ``cell_case`` (g, c), ``factors`` (1 or r, g) fen per yuan, ``cell_level`` (c,)
    its severity, ``splits`` (c, 3) cumulative ppm. ``out`` (d, r, g, columns) is added to.
    """
    columns, most = TRAIL + 3 * steps.shape[1], CHUNK * MOST_ADMISSIONS
    bills, starts = np.empty((BUFFER + most, columns), dtype=np.int64), np.zeros(BUFFER + CHUNK + 1, dtype=np.int64)
    row, state = np.zeros((1, columns), dtype=np.int64), np.zeros((steps.shape[1], 2), dtype=np.int64)
    people = np.zeros((ONE_PAID + steps.shape[1], BUFFER + CHUNK + 1), dtype=np.int64)
    flat = np.empty((FLAT_LEFT + 1, BUFFER + most), dtype=np.int64)
    words, order = np.empty((4, CHUNK // 4), dtype=np.uint64), np.empty(MOST_ADMISSIONS, dtype=np.int64)
    person, counts, later = np.empty(CHUNK + 1, np.int64), np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64)
    several, picked, chosen = np.empty(CHUNK + 1, np.int64), np.empty(CHUNK, np.int64), np.zeros(CHUNK, np.bool_)
    # Of each admission: person and number; cell, high and low word of its cost, day. Pages not touched cost nothing.
    whose, drawn = np.empty((2, most), dtype=np.uint64), np.empty((4, most), dtype=np.uint64)
    slot, bar, hits = np.empty(most, np.int64), np.empty(most, np.uint64), np.empty(most + 1, np.int64)
    least_floor = np.zeros(floors.shape[2] + 1, dtype=np.uint64)  # the last, for more admissions than floors, is zero
    for r in range(len(replications)):
        replication = np.uint64(replications[r])
        for g in range(len(persons)):
            row_t, factor = min(r, thresholds.shape[0] - 1), factors[min(r, factors.shape[0] - 1), g]
            n = starts[0]  # zero; written as 0, numba would compile all that take it twice
            for k in range(floors.shape[2]):
                least_floor[k] = ZERO if everyone else floors[g, :, k].min()
            for chunk in range(0, persons[g], CHUNK):
                for quad in range(CHUNK // 4):
                    whose[0, quad], whose[1, quad] = np.uint64(chunk // 4 + quad), ZERO
                draw(CHUNK // 4, count_keys[g, 0], count_keys[g, 1], whose[0], replication, whose[1], words)
                m = list_admissions(
                    chunk, min(CHUNK, persons[g] - chunk), words, thresholds, row_t, g, least_floor,
                    person, counts, later, several, whose, slot, bar,
                )  # fmt: skip
                draw(m, admission_keys[g, 0], admission_keys[g, 1], whose[0], replication, whose[1], drawn)
                n_picked = pick_persons(
                    m, drawn, bar, slot, counts, g, cell_thresholds, floors, everyone, hits, picked, chosen
                )
                n = write_bills(
                    n_picked, picked, counts, later, drawn, g, factor, cell_thresholds, cell_case, cell_level, splits,
                    coefficients, tails, bits, order, bills, starts, n, state, annual, cumulative, everyone,
                    steps, covered, prefix, shared, payers, terms, least,
                )  # fmt: skip
                if starts[n] >= BUFFER or n >= BUFFER or chunk + CHUNK >= persons[g]:
                    settle_designs(
                        n, starts, bills, row, state, people, flat, annual, cumulative, everyone,
                        steps, covered, prefix, shared, payers, terms, edges, sizes, r, g, out,
                    )  # fmt: skip
                    n = starts[0]
