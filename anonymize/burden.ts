import { z } from 'zod';
import { Text } from '../engine/definitions.ts';

/** What the questions cost that a statistic replaces: hours a year = respondents x times a year x minutes / 60 x (1 - share still asked). */
export const Burden = z.strictObject({
  survey: Text.describe('The survey, and which of its questions'),
  respondents: z.int().min(1).describe('Who is asked, each time'),
  times_a_year: z.number().positive().describe('How often each is asked in a year'),
  minutes: z.number().positive().describe('Minutes that these questions take'),
  still_asked: z.number().min(0).max(1).describe('Share of respondents (0 to 1) who are still asked'),
  status: z
    .enum(['potential', 'piloted', 'dropped'])
    .describe('`potential`: could be dropped; `piloted`: dropped in a pilot; `dropped`: decided. Only dropped is called saved'),
  decision: Text.exactOptional().describe('The decision and its date, where there is one'),
  basis: Text.describe('Where these figures come from'),
});
