/** How an identifier of a delivery met the identity spine: identified by it; identified although it was wrong or missing; or not, and why. */
export const LINK_OUTCOMES = ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'] as const;
export type LinkOutcome = (typeof LINK_OUTCOMES)[number];
