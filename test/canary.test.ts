import { openCanaryCountry } from './canary-country.ts';
import { jobCases } from './canary-job.ts';
import { killedCases } from './canary-killed.ts';
import { nowhereCases } from './canary-nowhere.ts';
import { pseudonymCases } from './canary-pseudonyms.ts';

// In this order: what is searched is what the cases before it left.
const country = openCanaryCountry();
jobCases(country);
killedCases(country);
nowhereCases(country);
pseudonymCases(country);
