/** Above this the asymptotic series are exact to 1e-16. */
const LARGE = 10;

/** Derivative of ln Gamma for x > 0: recurrence up to 10, then the asymptotic series. Source: Abramowitz and Stegun (1964), 6.3.18. */
export function digamma(x: number): number {
  let [at, sum] = [x, 0];
  for (; at < LARGE; at++) sum -= 1 / at;
  const s = 1 / (at * at);
  const tail = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))));
  return sum + Math.log(at) - 1 / (2 * at) - tail;
}

/** ln Gamma(x) for x > 0. Source: Abramowitz and Stegun (1964), 6.1.41. */
export function logGamma(x: number): number {
  let [at, sum] = [x, 0];
  for (; at < LARGE; at++) sum -= Math.log(at);
  const s = 1 / (at * at);
  const series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360))))) / at;
  return sum + (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series;
}
