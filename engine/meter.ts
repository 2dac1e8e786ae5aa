/** What a piece of work took of this process, all of its threads together. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Largest resident memory while it ran, in bytes. */
  readonly peakBytes: number;
}

const SAMPLE_MS = 20;

/** Begins to measure; what is returned ends it. Memory is sampled, since the system only knows the peak of the whole run. */
export function startMeter(): () => Usage {
  const before = process.cpuUsage();
  let peakBytes = process.memoryUsage.rss();
  const sample = (): void => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  };
  const timer = setInterval(sample, SAMPLE_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    sample();
    const { user, system } = process.cpuUsage(before);
    return { cpuSeconds: (user + system) / 1e6, peakBytes };
  };
}
