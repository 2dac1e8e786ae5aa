import { calendarise } from './calendarise.ts';
import { deduplicate } from './deduplicate.ts';
import { editUnitError } from './edit-unit-error.ts';
import { priceIndex } from './price-index.ts';
import type { Transform } from './transform.ts';
import { unitValue } from './unit-value.ts';

/** Every transform by the name that a pipeline's step gives it. */
export const transforms: Readonly<Record<string, Transform>> = Object.fromEntries(
  [calendarise, deduplicate, editUnitError, priceIndex, unitValue].map((transform) => [transform.name, transform]),
);
