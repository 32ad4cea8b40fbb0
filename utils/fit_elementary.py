"""Coefficients of lib/Transforms/ExpandMath.cpp, and how exact f32 is with them.

    python utils/fit_elementary.py

needs numpy and mpmath. The functions are described in that file. Tables of f64 interpolate
their function at the nodes of a Chebyshev polynomial of the first kind, in 60 digits. Those
of f32 are minimax: least squares whose weights follow the error (Lawson, 1961), where the
error is weighed by what it costs the result; the one of exp is then searched near its
rounded coefficients, because its degree leaves little room for their rounding.
"""

import mpmath as mp
import numpy as np

mp.mp.dps = 60
F32 = np.float32
LN2_HIGH, LN2_LOW = F32(float.fromhex("0x1.62e43p-1")), F32(float.fromhex("-0x1.05c61p-29"))
# Beyond it, 1 + erf(v / sqrt(2)) is nothing or 2, to three quarters of 2^-24.
ERF_END = 5.46875
HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.0001")


def tail_of_exp(r):
    """(e^r - 1 - r) / r^2, by its series where the difference cancels."""
    if abs(r) > mp.mpf("1e-10"):
        return (mp.expm1(r) - r) / r**2
    return mp.mpf(1) / 2 + r / 6 + r**2 / 24


def decay_of_erfc(t):
    """-ln(erfc(t)) / t - 1."""
    if t < mp.mpf("1e-20"):
        return 2 / mp.sqrt(mp.pi) - 1
    return -mp.log(mp.erfc(t)) / t - 1


def slope_of_exp2(f):
    """(2^f - 1) / f."""
    return mp.log(2) if f == 0 else mp.expm1(f * mp.log(2)) / f


def logit_of_erf(w):
    """log2((1 - erf(x)) / (1 + erf(x))) / x, where w is x^2."""
    x = mp.sqrt(w)
    if x < mp.mpf("1e-20"):
        return -4 / mp.sqrt(mp.pi) / mp.log(2)
    return mp.log(mp.erfc(x) / (2 - mp.erfc(x)), 2) / x


def erf_over_root(w):
    """erf(v / sqrt(2)) / v, where w is v^2."""
    v = mp.sqrt(w)
    return mp.sqrt(2 / mp.pi) if v < mp.mpf("1e-20") else mp.erf(v / mp.sqrt(2)) / v


def nodes(low, high, count):
    return [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * count))
            for k in range(count)]


def interpolate(function, low, high, degree):
    points = nodes(mp.mpf(low), mp.mpf(high), degree + 1)
    powers = mp.matrix([[x**k for k in range(degree + 1)] for x in points])
    solution = mp.lu_solve(powers, mp.matrix([function(x) for x in points]))
    return [float(c) for c in solution]


def minimax(function, weight, low, high, degree, iterations=300):
    """The polynomial with the least maximum of weight times error."""
    points = nodes(mp.mpf(low), mp.mpf(high), 1500)
    x = np.array([float(p) for p in points])
    f = np.array([float(function(p)) for p in points])
    w = weight(x)
    # On [-1, 1] the least squares are well conditioned.
    middle, half = float(low + high) / 2, float(high - low) / 2
    basis = np.polynomial.chebyshev.chebvander((x - middle) / half, degree)
    importance, best = np.ones_like(x), (np.inf, None)
    for _ in range(iterations):
        factor = np.sqrt(importance) * w
        solution = np.linalg.lstsq(basis * factor[:, None], f * factor, rcond=None)[0]
        error = np.abs((basis @ solution - f) * w)
        if error.max() < best[0]:
            best = error.max(), solution
        importance *= error / error.max() + 1e-9
        importance /= importance.sum()
    series = np.polynomial.chebyshev.Chebyshev(best[1], domain=[float(low), float(high)])
    return [float(F32(c)) for c in series.convert(kind=np.polynomial.Polynomial).coef]


# ------------------------------------------------------------------------------
# The expansions in f32: what the compiled code computes, operation by operation
# ------------------------------------------------------------------------------

def fma(a, b, c):
    return (np.float64(a) * np.float64(b) + np.float64(c)).astype(F32)


def horner(coefficients, x):
    result = np.full_like(x, np.asarray(coefficients[-1], F32))
    for coefficient in coefficients[-2::-1]:
        result = fma(result, x, np.asarray(coefficient, F32))
    return result


def reduce(x, two_steps):
    shift = F32(1.5 * 2**23)
    n = (fma(x, F32(np.log2(np.e)), shift) - shift).astype(F32)
    r = fma(-n, LN2_HIGH, x)
    return n, fma(-n, LN2_LOW, r) if two_steps else r


def exp32(x, table):
    n, r = reduce(x, True)
    return np.ldexp(np.float64(horner(table, r)), n.astype(int)).astype(F32)


def halves32(x, table):
    """2^n and e^r - 1 for x <= 0."""
    n, r = reduce(x, False)
    return np.exp2(n).astype(F32), fma(horner(table, r), (r * r).astype(F32), r)


def tanh32(x, table):
    t = np.minimum(np.abs(x), F32(9.02))
    power, m = halves32((t * F32(-2)).astype(F32), table)
    one = F32(1)
    quotient = fma(power, m, power - one) / fma(power, m, power + one)
    return np.copysign(quotient, x)


def erf32(x, table, decay):
    t = np.minimum(np.abs(x), F32(3.95))
    power, m = halves32(-fma(horner(decay, t), t, t), table)
    return np.copysign(fma(-power, m, F32(1) - power), x)


def eighths(bits, first):
    """2^(bits / 8 + first) from integers, as a table and shifts make it."""
    table = (np.exp2(np.arange(8) / 8 + first).astype(F32).view(np.int32).astype(np.int64)
             - (np.arange(8) << 20))
    power = (table[bits & 7] + (bits << 20)) & 0xFFFFFFFF
    return power.astype(np.uint32).view(F32)


def exp_plus_one_by_table32(x, table):
    x = np.clip(x, F32(-87), F32(89))
    shift = F32(1.5 * 2**23)
    n = (fma(x, F32(8 * np.log2(np.e)), shift) - shift).astype(F32)
    r = fma(-n, F32(LN2_HIGH / 8), x)
    bits = n.astype(np.int64)
    power = eighths(bits, -1).view(np.int32) + ((bits + 256) >> 9).astype(np.int32)
    return fma(F32(2) * horner(table, r), power.view(F32), F32(1))


def one_plus_erf_by_pieces32(v, pieces):
    v = np.clip(v, F32(-ERF_END), F32(ERF_END))
    w = (v * v).astype(F32)
    near = (4 * np.rint(w / 4)).astype(F32)
    p = horner(np.array(pieces)[(near / 4).astype(int)].T, (w - near).astype(F32))
    return ((p * v).astype(F32) + F32(1)).astype(F32)


def one_plus_erf32(x, logit, table):
    z = np.clip((horner(logit, (x * x).astype(F32)) * x).astype(F32), F32(-126), F32(128))
    shift = F32(1.5 * 2**23)
    n = ((z + shift).astype(F32) - shift).astype(F32)
    power = np.exp2(n.astype(np.float64)).astype(F32)
    return (F32(2) / fma(power, horner(table, (z - n).astype(F32)), F32(1))).astype(F32)


def fit_erf_pieces():
    """erf(v / sqrt(2)) / v around each multiple of 4 of v^2."""
    pieces = []
    for centre in range(0, 32, 4):
        low, high = max(0, centre - 2), min(ERF_END**2, centre + 2)
        pieces.append(minimax(lambda u: erf_over_root(u + centre), lambda u: np.sqrt(u + centre),
                              mp.mpf(low - centre), mp.mpf(high - centre), 6, iterations=100))
    # At the end the product with v is to be 1.
    end = np.array([-ERF_END, ERF_END], F32)
    for units in sorted(range(-16, 17), key=abs):
        last = list(pieces[-1])
        last[0] = float(F32(last[0] + units * float(np.spacing(F32(last[0])))))
        if list(one_plus_erf_by_pieces32(end, pieces[:-1] + [last])) == [0, 2]:
            return pieces[:-1] + [last]
    raise ValueError("no coefficient makes the end exact")


def worst(found, exact):
    unit = np.spacing(np.minimum(np.abs(exact.astype(F32)), F32(3e38))).astype(np.float64)
    return float(np.abs((found.astype(np.float64) - exact) / unit).max())


def search_exp(table, x):
    """A table near `table` with a smaller error; 1 stays, for e^0."""
    exact = np.exp(x.astype(np.float64))
    rng, best = np.random.default_rng(1), (worst(exp32(x, table), exact), table)
    for _ in range(3000):
        near = [c if k == 0 or rng.random() < 0.5
                else float(F32(c * (1 + rng.integers(-4, 5) * 2.0**(3 * k - 26))))
                for k, c in enumerate(best[1])]
        error = worst(exp32(x, near), exact)
        if error < best[0]:
            best = error, near
    return best[1]


def show(name, table, digits):
    print(f"{name} = " + "{" + ", ".join(f"{c:.{digits}g}" for c in table) + "};")


def main():
    half = float(HALF_LN2)
    ulp = lambda r: np.where(r < 0, 2.0**-24, 2.0**-23)
    # e^r = 1 + r P(r), in ulps of e^r.
    exp = [1.0] + minimax(lambda r: 1 + r * tail_of_exp(r), lambda r: np.abs(r) / ulp(r),
                          -HALF_LN2, HALF_LN2, 4)
    rng = np.random.default_rng(0)
    exp = search_exp(exp, rng.uniform(-40, 40, 40000).astype(F32))
    # e^r - 1 = r + r^2 P(r), relative.
    tail = minimax(tail_of_exp, lambda r: np.abs(r / (np.expm1(r) / r)),
                   -HALF_LN2, HALF_LN2, 4)
    # An error of g = -ln(erfc(t)) costs erf e^-g of it; relative to erf, but
    # no unit of the result is above that of 1.
    points = np.linspace(0, 3.95, 4000)[1:]
    erf_of = np.vectorize(lambda t: float(mp.erf(t)))
    def cost(t):
        erf = erf_of(t)
        return (1 - erf) * t / np.where(erf < 0.5, erf, 1)
    decay = minimax(decay_of_erfc, cost, mp.mpf(0), mp.mpf("3.95"), 8)
    # 2^f = 1 + f P(f), relative, |f| <= 1/2; the same of e^r, |r| <= ln(2)/16, where the
    # first two coefficients are 1: constants are registers.
    exp2 = [1.0] + minimax(slope_of_exp2, lambda f: np.abs(f) * np.exp2(-f),
                           mp.mpf(-1) / 2, mp.mpf(1) / 2, 4)
    small = mp.mpf("1.0005") / 16 * mp.log(2)
    exp_eighth = [1.0, 1.0] + minimax(tail_of_exp, lambda r: r**2, -small, small, 1)
    # An error of the logit of p = (1 + erf) / 2 costs p (1 - p) of it.
    erfc_of = np.vectorize(lambda t: float(mp.erfc(t)))
    def cost_of_logit(w):
        p = erfc_of(np.sqrt(w)) / 2
        return p * (1 - p) * np.sqrt(w)
    logit = minimax(logit_of_erf, cost_of_logit, mp.mpf(0), mp.mpf("4.2") ** 2, 6)
    show("kExp2Half32", exp2, 9)
    show("kExpEighth32", exp_eighth, 9)
    show("kErfLogit32", logit, 9)
    pieces = fit_erf_pieces()
    for power in range(7):
        show(f"kErfPieces32[{power}]", [piece[power] for piece in pieces], 9)
    show("kExp32", exp, 9)
    show("kExpTail32", tail, 9)
    show("kErfc32", decay, 9)
    show("kExpTail64", interpolate(tail_of_exp, -HALF_LN2, HALF_LN2, 9), 17)
    # In the powers of t - 2.5: those of t would cancel.
    middle = mp.mpf("2.5")
    show("kErfc64", interpolate(lambda u: decay_of_erfc(u + middle), -middle, 6 - middle, 30), 17)

    x = rng.uniform(-87, 88.7, 2000000).astype(F32)
    print(f"exp  {worst(exp32(x, exp), np.exp(x.astype(np.float64))):.2f} ulp")
    exact = np.exp(x.astype(np.float64)) + 1
    print(f"exp + 1, by a table  {worst(exp_plus_one_by_table32(x, exp_eighth), exact):.2f} ulp")
    v = rng.uniform(-6, 6, 100000).astype(F32)
    error = one_plus_erf32(v, logit, exp2) - erfc_of(-v.astype(np.float64))
    print(f"1 + erf  {np.abs(error).max():.1e}")
    error = one_plus_erf_by_pieces32(v, pieces) - erfc_of(-v.astype(np.float64) / np.sqrt(2))
    print(f"1 + erf, by pieces  {np.abs(error).max():.1e}")
    x = np.concatenate([rng.uniform(-10, 10, 1000000), rng.uniform(-1, 1, 1000000)]).astype(F32)
    print(f"tanh {worst(tanh32(x, tail), np.tanh(x.astype(np.float64))):.2f} ulp")
    x = np.concatenate([rng.uniform(-4, 4, 50000), rng.uniform(-1, 1, 50000)]).astype(F32)
    print(f"erf  {worst(erf32(x, tail, decay), erf_of(x.astype(np.float64))):.2f} ulp")


if __name__ == "__main__":
    main()
