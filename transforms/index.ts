import { amountAgreement } from './agreement/amount-agreement.ts';
import { categoryAgreement } from './agreement/category-agreement.ts';
import { calendarise } from './calendarise.ts';
import { calendariseVintages } from './calendarise-vintages.ts';
import { classifyOccupancy } from './classify-occupancy.ts';
import { deduplicate } from './deduplicate.ts';
import { editUnitError } from './edit-unit-error.ts';
import { hidiroglouBerthelot } from './hidiroglou-berthelot.ts';
import { meterDay } from './meter-day.ts';
import { occupancySensitivity } from './occupancy-sensitivity.ts';
import { parseAddress } from './parse-address.ts';
import { priceIndex } from './price-index.ts';
import type { Transform } from './transform.ts';
import { unitValue } from './unit-value.ts';

/** Every transform by the name that a pipeline's step gives it. */
export const transforms: Readonly<Record<string, Transform>> = Object.fromEntries(
  [
    amountAgreement,
    calendarise,
    calendariseVintages,
    categoryAgreement,
    classifyOccupancy,
    deduplicate,
    editUnitError,
    hidiroglouBerthelot,
    meterDay,
    occupancySensitivity,
    parseAddress,
    priceIndex,
    unitValue,
  ].map((transform) => [transform.name, transform]),
);
