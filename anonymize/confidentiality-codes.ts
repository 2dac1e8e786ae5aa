/** What the cell of a public table is, as far as the public may know: a number, one that is imputed in good part, none because none exists, or withheld. */
export type PublicStatus = 'published' | 'estimated' | 'undefined' | 'suppressed';

/**
 * The only map from the status of a cell to SDMX codes (CL_OBS_STATUS 2.2, CL_CONF_STATUS 1.3). Primary and secondary suppression
 * share one flag on purpose: CL_CONF_STATUS has codes that tell them apart (A, D, S …), and none of those may ever be written.
 */
export const CONFIDENTIALITY_CODES = {
  published: { obs: 'A', conf: 'F', label: { en: 'Published', he: 'מתפרסם' } },
  estimated: { obs: 'E', conf: 'F', label: { en: 'Estimated value', he: 'ערך אמוד' } },
  undefined: { obs: 'M', conf: 'F', label: { en: 'Not defined (no observations)', he: 'לא מוגדר (אין תצפיות)' } },
  suppressed: { obs: 'Q', conf: 'C', label: { en: 'Confidential', he: 'חסוי' } },
} as const satisfies Record<PublicStatus, { obs: string; conf: string; label: { en: string; he: string } }>;

/** Internal status of a cell (`CellStatus` of the disclosure step) to its public one. */
export const PUBLIC_STATUS_OF = { free: 'published', primary: 'suppressed', secondary: 'suppressed' } as const;

/** Every CONF_STATUS that a released file may hold. */
export const PUBLIC_FLAGS: readonly string[] = ['C', 'F'];
