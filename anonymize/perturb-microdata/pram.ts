/** A transition matrix: row of the code, share of each code that it becomes. */
export type Transitions = readonly Float64Array[];

/**
 * The invariant matrix of the post-randomisation method: the shares p of codes stay the same in expectation (Gouweleeuw, Kooiman, Willenborg and De
 * Wolf, 1998). `keep`: share of each code that stays in the first step, above 0 to 1; `alpha`: how much of the method is applied, 0 to 1.
 * First step P with `keep` on the diagonal and the rest spread evenly; Q its inverse by Bayes; R = P Q; alpha R + (1 - alpha) I. Publish it, so
 * that users can correct their estimates; never the secret.
 */
export function invariantTransitions(shares: Float64Array, keep: number, alpha = 1): Transitions {
  const size = shares.length;
  if (size < 2) return Array.from(shares, () => Float64Array.of(1));
  const other = (1 - keep) / (size - 1);
  const first = (k: number, j: number): number => (k === j ? keep : other);
  const reached = Float64Array.from(shares, (_, j) => shares.reduce((sum, p, k) => sum + p * first(k, j), 0));
  const back = (j: number, l: number): number => (first(l, j) * (shares[l] as number)) / (reached[j] as number);
  return Array.from(shares, (_, k) =>
    Float64Array.from(shares, (_, l) => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += first(k, j) * back(j, l);
      return alpha * sum + (k === l ? 1 - alpha : 0);
    }),
  );
}

/** Codes after post-randomisation, by one uniform draw of each record; -1 is missing and stays. */
export function postRandomise(codes: Int32Array, transitions: Transitions, draws: Float64Array): Int32Array {
  const upTo = transitions.map((row) => {
    let sum = 0;
    return row.map((share) => (sum += share));
  });
  return codes.map((code, at) => {
    if (code < 0) return code;
    const row = upTo[code] as Float64Array;
    const draw = (draws[at] as number) * (row.at(-1) as number);
    let to = 0;
    while ((row[to] as number) <= draw) to++;
    return to;
  });
}
