import type { Highs } from 'highs';

type Loader = () => Promise<Highs>;
let runtime: Promise<Highs> | undefined;

/** The solver of linear and mixed integer programmes, loaded once a thread; solving is synchronous from then on. */
export function loadSolver(): Promise<Highs> {
  // The package declares its types for require; for import, the function is the default itself.
  runtime ??= import('highs').then(({ default: load }) => (load as unknown as Loader)());
  return runtime;
}
