// erf, the chi-square tail and J0: what the science needs and JavaScript lacks.

/** Error function to 1e-12, by the regularised incomplete gamma function: erf(x) = P(1/2, x^2). */
export function erf(x: number): number {
  if (x === 0) return 0;
  return Math.sign(x) * (1 - upperGamma(0.5, x * x));
}

/** Probability that a chi-square variate with `degrees` of freedom exceeds `chi2`. */
export function chiSquareTail(chi2: number, degrees: number): number {
  return upperGamma(degrees / 2, chi2 / 2);
}

/** Regularised upper incomplete gamma function Q(a, x): series below a + 1, Lentz's continued fraction above. */
export function upperGamma(a: number, x: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? NaN : 1;
  if (!Number.isFinite(x)) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) sum += term *= x / (a + n);
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1, change = 0; Math.abs(change - 1) > 1e-15 && i < 500; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    change = c * d;
    fraction *= change;
  }
  return front * fraction;
}

/** ln Gamma(x) for x > 0, Lanczos with g = 7 (Godfrey's coefficients). */
export function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
    -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  const t = y + 7.5;
  const sum = coefficients.reduce((total, value, i) => total + value / (y + i + 1), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Bessel function J0 for x >= 0, absolute error below 5e-8 (Abramowitz & Stegun 1964, 9.4.1 and 9.4.3). */
export function besselJ0(x: number): number {
  if (x < 3) {
    const t = (x / 3) ** 2;
    return 1 - t * (2.2499997 - t * (1.2656208 - t * (0.3163866 - t * (0.0444479 - t * (0.0039444 - t * 0.00021)))));
  }
  const t = 3 / x;
  const size =
    0.79788456 +
    t * (-0.00000077 + t * (-0.0055274 + t * (-0.00009512 + t * (0.00137237 + t * (-0.00072805 + t * 0.00014476)))));
  const phase =
    x -
    0.78539816 +
    t * (-0.04166397 + t * (-0.00003954 + t * (0.00262573 + t * (-0.00054125 + t * (-0.00029333 + t * 0.00013558)))));
  return (size * Math.cos(phase)) / Math.sqrt(x);
}
