"""The compiled core: arrays in, arrays out. It knows no yuan, no policy and no file; it is the only file with numba.

Eight functions are compiled, all lazily typed; each also runs as plain Python (``function.py_func``), which is how
they are tested without the compiler. Money is int64 fen, rates int64 ppm, random words uint64.

Two traps shape this file: numba turns a mix of int64 and uint64 into float64 and ``~`` of a uint64 into an int64, so
every constant that meets a random word is a uint64; and an early ``break`` over the bands of a schedule cost five times a sum over all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile without the GIL, cached on disk where a place can be written (``FUNDSIM_NUMBA_CACHE=0``: never)."""
    if os.environ.get("FUNDSIM_NUMBA_CACHE", "1") != "0":
        try:
            return numba.njit(nogil=True, cache=True, error_model="numpy")(function)  # type: ignore[no-any-return]
        except RuntimeError:  # a read-only install and no writable home: numba finds no place for its cache
            pass
    return numba.njit(nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]


PPM = 1_000_000
HALF_PPM = 500_000
LARGEST_BILL = 10**12
MOST_ADMISSIONS = 64
CHUNK = 2048
"""Persons drawn together, so that their random words are made in one vector loop."""
BUFFER = 4096
"""Bills settled together under one design after another."""

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
# Columns of a result; from FIRST_PAYER on what each position paid the beneficiaries, then pairs per band of own cost
# (persons, payments), then persons per size of payment.
CLAIMS, BENEFICIARIES, LARGEST, AT_CAP, OWN_GROSS, ALL_GROSS, FIRST_PAYER = 0, 1, 2, 3, 4, 5, 6


@compiled
def philox(key_0, key_1, counter_0, counter_1, counter_2, counter_3):  # type: ignore[no-untyped-def]
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
def quantile(r, level, coefficients, tails, bits):  # type: ignore[no-untyped-def]
    """Cost (yuan) at the uniform 64-bit integer ``r``: the recipe of :mod:`fundsim.severity.quantile_table`.

    ``coefficients`` (level, half, octave, cell, 4); ``tails`` (level, 4): weight, threshold, scale and index.
    """
    one = np.uint64(1)
    s = r ^ ALL64
    v = (np.float64(s) + 0.5) * 2.0**-64
    if v <= tails[level, 0]:
        log_v = np.log(v / tails[level, 0])
        if tails[level, 3] == 0.0:
            return tails[level, 1] - tails[level, 2] * log_v
        return tails[level, 1] + tails[level, 2] * np.expm1(-tails[level, 3] * log_v) / tails[level, 3]
    half = 1 if r >= TOP64 else 0
    n = ((s if half == 1 else r) << one) | one
    octave = 0
    while n < TOP64:
        n = n << one
        octave += 1
    fraction = n << one
    cell = np.int64(fraction >> np.uint64(64 - bits))
    t = np.float64((fraction << np.uint64(bits)) >> np.uint64(11)) * 2.0**-53
    cost = coefficients[level, half, octave, cell, 3]
    for power in range(2, -1, -1):
        cost = cost * t + coefficients[level, half, octave, cell, power]
    return cost


@compiled
def settle_bill(bills, b, first, last, d, annual, cumulative, steps, covered, payers, terms, state):  # type: ignore[no-untyped-def]
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
        base = HALF_PPM
        for category in range(3):
            base += bills[b, COST_A + category] * payers[u, category]
        base //= PPM
        for q in range(p):
            base -= payers[u, LESS + 2 * q] * bills[b, TRAIL + 3 * q + PAID]
            base -= payers[u, LESS + 2 * q + 1] * bills[b, TRAIL + 3 * q + ABSORBED]
        if annual and p == covered[d]:
            base = bills[b, PAYABLE]
        left = bills[b, LEFT]
        base = min(max(base, 0), left)
        if bills[b, own + PAID] >= 0:
            bills[b, own + BASE] = base
            bills[b, LEFT] = left - bills[b, own + PAID]
            continue
        base *= terms[u, k, COVERS]
        before = state[p, 0] * payers[u, BY_YEAR]
        after = before + base
        due_before, due_after = 0, 0
        for m in range(CURVE, terms.shape[2], 2):  # F in fen x ppm: a sum over all knots, without a branch
            due_before += max(before - terms[u, k, m], 0) * terms[u, k, m + 1]
            due_after += max(after - terms[u, k, m], 0) * terms[u, k, m + 1]
        if cumulative:
            due = (due_after + HALF_PPM) // PPM - (due_before + HALF_PPM) // PPM
        else:
            due = (due_after - due_before + HALF_PPM) // PPM
        payment = min(due, max(terms[u, k, CAP] - state[p, 1], 0), left)
        state[p, 0] = after
        state[p, 1] += payment
        bills[b, own + PAID] = payment
        bills[b, own + ABSORBED] = min(after, terms[u, k, DEDUCTIBLE]) - min(before, terms[u, k, DEDUCTIBLE])
        bills[b, own + BASE] = base
        bills[b, LEFT] = left - payment


@compiled
def settle_people(starts, bills, d, annual, cumulative, steps, covered, payers, terms):  # type: ignore[no-untyped-def]
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
def settle_designs(
    n,
    starts,
    bills,
    row,
    state,
    annual,
    cumulative,
    everyone,
    steps,
    covered,
    prefix,
    shared,
    payers,
    terms,
    edges,
    sizes,
    r,
    g,
    out,
):  # type: ignore[no-untyped-def]
    """Settle ``n`` buffered people under every design, from the end of the shared prefix on, and add up results.

    ``row`` (1, columns) is scratch for one bill. ``edges`` (d, e) of the year's own cost and ``sizes`` (s,) of
    payments are upper ends of bands. ``out`` (d, r, g, columns) is added to.
    """
    positions = steps.shape[1]
    first_band = FIRST_PAYER + positions
    first_size = first_band + 2 * (edges.shape[1] + 1)
    next_base = TRAIL + 3 * prefix + BASE
    for d in range(steps.shape[0]):
        at, u = covered[d], steps[d, prefix]
        for person in range(n):
            start, end = starts[person], starts[person + 1]
            if shared and not everyone:
                total, least = 0, LARGEST_BILL
                for b in range(start, end):
                    total += bills[b, next_base]
                    least = min(least, terms[u, bills[b, CASE], DEDUCTIBLE])
                if total <= least:
                    continue
            for p in range(positions):
                state[p, 0], state[p, 1] = 0, 0
            own, gross, claim = 0, 0, 0
            for b in range(start, end):
                for column in range(bills.shape[1]):
                    row[0, column] = bills[b, column]
                for p in range(prefix, positions):
                    row[0, TRAIL + 3 * p + PAID] = -1
                settle_bill(row, 0, prefix, positions, d, annual, cumulative, steps, covered, payers, terms, state)
                own += row[0, TRAIL + 3 * at + BASE]
                claim += row[0, TRAIL + 3 * at + PAID]
                gross += row[0, GROSS]
            if everyone:
                out[d, r, g, ALL_GROSS] += gross
            if claim <= 0:
                continue
            out[d, r, g, CLAIMS] += claim
            out[d, r, g, BENEFICIARIES] += 1
            out[d, r, g, LARGEST] = max(out[d, r, g, LARGEST], claim)
            out[d, r, g, AT_CAP] += 1 if claim >= terms[steps[d, at], row[0, CASE], CAP] else 0
            out[d, r, g, OWN_GROSS] += gross
            for p in range(prefix, positions):
                out[d, r, g, FIRST_PAYER + p] += state[p, 1]
            for b in range(start, end):
                for p in range(prefix):
                    out[d, r, g, FIRST_PAYER + p] += bills[b, TRAIL + 3 * p + PAID]
            band = 0
            for e in range(edges.shape[1]):
                band += 1 if own > edges[d, e] else 0
            out[d, r, g, first_band + 2 * band] += 1
            out[d, r, g, first_band + 2 * band + 1] += claim
            size = 0
            for e in range(len(sizes)):
                size += 1 if claim > sizes[e] else 0
            out[d, r, g, first_size + size] += 1


@compiled
def write_bills(
    first,
    k,
    drawn,
    used,
    g,
    factor,
    cell_case,
    cell_level,
    splits,
    coefficients,
    tails,
    bits,
    bills,
    row,
    state,
    annual,
    cumulative,
    steps,
    covered,
    prefix,
    shared,
    payers,
    terms,
    least,
):  # type: ignore[no-untyped-def]
    """Turn a person's ``k`` drawn admissions into bills in order of discharge, and settle what designs share.

    Bills are written from row ``used`` on. Returns whether any design could pay, given ``least`` (case,), the lowest
    deductible of any design; always true where designs share no base.
    """
    positions = steps.shape[1]
    for i in range(first + 1, first + k):  # insertion sort by day; admissions of one day keep their order
        for j in range(i, first, -1):
            if drawn[3, j] >= drawn[3, j - 1]:
                break
            for word in range(4):
                drawn[word, j], drawn[word, j - 1] = drawn[word, j - 1], drawn[word, j]
    for p in range(positions):
        state[p, 0], state[p, 1] = 0, 0
    total, lowest = 0, LARGEST_BILL
    for j in range(k):
        b, cell = used + j, np.int64(drawn[0, first + j])
        word = (drawn[1, first + j] << BITS32) | drawn[2, first + j]
        amount = np.int64(min(quantile(word, cell_level[cell], coefficients, tails, bits) * factor + 0.5, LARGEST_BILL))
        part_b = (amount * splits[cell, 0] + HALF_PPM) // PPM
        part_bc = (amount * splits[cell, 1] + HALF_PPM) // PPM
        part_bcx = (amount * splits[cell, 2] + HALF_PPM) // PPM
        bills[b, GROSS] = amount
        bills[b, COST_A], bills[b, COST_B], bills[b, COST_C] = amount - part_bcx, part_b, part_bc - part_b
        bills[b, CASE] = cell_case[g, cell]
        bills[b, PAYABLE] = amount - (part_bcx - part_bc)
        bills[b, LEFT] = bills[b, PAYABLE]
        for column in range(TRAIL, bills.shape[1]):
            bills[b, column] = 0
        for p in range(positions):
            bills[b, TRAIL + 3 * p + PAID] = -1
        settle_bill(bills, b, 0, prefix, 0, annual, cumulative, steps, covered, payers, terms, state)
        if shared:
            for column in range(bills.shape[1]):
                row[0, column] = bills[b, column]
            settle_bill(row, 0, prefix, prefix + 1, 0, annual, cumulative, steps, covered, payers, terms, state)
            base = row[0, TRAIL + 3 * prefix + BASE]
            bills[b, TRAIL + 3 * prefix + BASE] = base
            total += base
            lowest = min(lowest, least[bills[b, CASE]])
    return not shared or total > lowest


@compiled
def simulate_block(
    replications,
    persons,
    count_keys,
    admission_keys,
    thresholds,
    cell_thresholds,
    floors,
    cell_case,
    factors,
    cell_level,
    splits,
    coefficients,
    tails,
    bits,
    annual,
    cumulative,
    everyone,
    steps,
    covered,
    prefix,
    shared,
    payers,
    terms,
    least,
    edges,
    sizes,
    out,
):  # type: ignore[no-untyped-def]
    """Draw, settle and add up a block of replications; nothing is kept of any person.

    Axes: r replication, g group, c cell, d design. ``persons`` (g,), keys of counts and admissions (g, 2), count
    ``thresholds`` (1 or r, g, t), ``cell_thresholds`` (g, c), ``floors`` (g, c, k) high word of the cost below which
    an admission among k cannot matter, ``cell_case`` (g, c), ``factors`` (1 or r, g) fen per yuan, ``cell_level`` (c,)
    its severity, ``splits`` (c, 3) cumulative ppm. ``out`` (d, r, g, columns) is added to.
    """
    columns = TRAIL + 3 * steps.shape[1]
    bills, row = np.zeros((BUFFER, columns), dtype=np.int64), np.zeros((1, columns), dtype=np.int64)
    state = np.zeros((steps.shape[1], 2), dtype=np.int64)
    starts = np.zeros(BUFFER + 1, dtype=np.int64)
    words = np.zeros((4, CHUNK // 4), dtype=np.uint64)
    found, first, counts = np.zeros(CHUNK + 1, np.int64), np.zeros(CHUNK, np.int64), np.zeros(CHUNK, np.int64)
    whose = np.zeros((2, CHUNK * MOST_ADMISSIONS), dtype=np.uint64)  # person and number of each admission
    drawn = np.zeros((4, CHUNK * MOST_ADMISSIONS), dtype=np.uint64)  # its cell, high and low word of its cost, day
    for r in range(len(replications)):
        replication = np.uint64(replications[r])
        for g in range(len(persons)):
            row_t, factor = min(r, thresholds.shape[0] - 1), factors[min(r, factors.shape[0] - 1), g]
            nobody = thresholds[row_t, g, 0]
            n, used = 0, 0
            for chunk in range(0, persons[g], CHUNK):
                for quad in range(CHUNK // 4):
                    words[0, quad], words[1, quad], words[2, quad], words[3, quad] = philox(
                        count_keys[g, 0], count_keys[g, 1], np.uint64(chunk // 4 + quad), replication, ZERO, ZERO
                    )
                n_found, m = 0, 0
                for lane in range(4):
                    for quad in range((min(CHUNK, persons[g] - chunk) + 3 - lane) // 4):
                        found[n_found] = 4 * quad + lane
                        n_found += 1 if words[lane, quad] >= nobody else 0
                for f in range(n_found):
                    k, word = 1, words[found[f] % 4, found[f] // 4]
                    while word >= thresholds[row_t, g, k]:
                        k += 1
                    first[f], counts[f] = m, k
                    for j in range(k):
                        whose[0, m], whose[1, m] = np.uint64(chunk + found[f]), np.uint64(j)
                        m += 1
                for a in range(m):
                    drawn[0, a], drawn[1, a], drawn[2, a], drawn[3, a] = philox(
                        admission_keys[g, 0], admission_keys[g, 1], whose[0, a], replication, whose[1, a], ZERO
                    )
                for a in range(m):
                    cell = 0
                    for c in range(cell_thresholds.shape[1] - 1):
                        cell += 1 if drawn[0, a] >= cell_thresholds[g, c] else 0
                    drawn[0, a] = np.uint64(cell)
                    drawn[3, a] = (drawn[3, a] * DAYS) >> BITS32
                for f in range(n_found):
                    k = counts[f]
                    matters = everyone or k > floors.shape[2]
                    among = min(k, floors.shape[2]) - 1
                    for a in range(first[f], first[f] + k):
                        matters |= drawn[1, a] >= floors[g, np.int64(drawn[0, a]), among]
                    if not matters:
                        continue
                    kept = write_bills(
                        first[f], k, drawn, used, g, factor, cell_case, cell_level, splits, coefficients, tails, bits,
                        bills, row, state, annual, cumulative, steps, covered, prefix, shared, payers, terms, least,
                    )  # fmt: skip
                    if kept or everyone:
                        n, used = n + 1, used + k
                        starts[n] = used
                    if used + MOST_ADMISSIONS > BUFFER:
                        settle_designs(
                            n, starts, bills, row, state, annual, cumulative, everyone,
                            steps, covered, prefix, shared, payers, terms, edges, sizes, r, g, out,
                        )  # fmt: skip
                        n, used = 0, 0
            settle_designs(
                n, starts, bills, row, state, annual, cumulative, everyone,
                steps, covered, prefix, shared, payers, terms, edges, sizes, r, g, out,
            )  # fmt: skip
