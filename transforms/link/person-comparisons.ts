import { sql } from '../../engine/sql.ts';
import type { BlockingRule } from './blocking.ts';
import { type Comparison, nameComparison } from './comparison.ts';

/**
 * Levels of the identifier. From `near` (one digit or transposition away) it speaks for the person; below, it only says what kind of row this is: without a usable
 * identifier, with that of another person, with one that is no identity number, with a valid one that the spine lacks.
 */
export const ID_LEVEL = { unknown: 0, invalid: 1, taken: 2, absent: 3, near: 4, equal: 5 } as const;
/** Levels of the date of birth: equal, 1 January of the year, day and month exchanged, two of three parts, the year, another. */
export const BIRTH_LEVEL = { other: 0, year: 1, twoParts: 2, exchanged: 3, heaped: 4, equal: 5 } as const;

const dateParts = sql`((year(l.birth_date) = year(r.birth_date))::INTEGER + (month(l.birth_date) = month(r.birth_date))::INTEGER + (day(l.birth_date) = day(r.birth_date))::INTEGER)`;

/** What a filing and a person of the spine are compared in. */
export const PERSON_COMPARISONS: readonly Comparison[] = [
  {
    name: 'identifier',
    levels: 6,
    level: sql`CASE WHEN l.id IS NULL THEN 3 WHEN l.id = r.id THEN 5 WHEN damerau_levenshtein(l.id, r.id) = 1 THEN 4 WHEN l.is_taken THEN 2 WHEN NOT l.is_valid THEN 1 ELSE 0 END`,
    assumed: { m: [0.02, 0.03, 0.05, 0.4, 0.4, 0.1], u: [0.25, 0.25, 0.25, 0.25, 1e-7, 1e-8] },
  },
  {
    name: 'birth_date',
    levels: 6,
    level: sql`CASE WHEN l.birth_date IS NULL OR r.birth_date IS NULL THEN NULL WHEN l.birth_date = r.birth_date THEN 5 WHEN birth_agrees(l.birth_date, r.birth_date) THEN 4
      WHEN year(l.birth_date) = year(r.birth_date) AND month(l.birth_date) = day(r.birth_date) AND day(l.birth_date) = month(r.birth_date) THEN 3
      WHEN ${dateParts} = 2 THEN 2 WHEN year(l.birth_date) = year(r.birth_date) THEN 1 ELSE 0 END`,
    assumed: { m: [0.002, 0.002, 0.006, 0.003, 0.007, 0.98], u: [0.984, 0.012, 0.0037, 0.00003, 0.0001, 0.00004] },
  },
  { name: 'name_order', levels: 2, level: sql`l.is_straight::INTEGER`, assumed: { m: [0.01, 0.99], u: [0.5, 0.5] } },
  nameComparison('given', 'given_share'),
  nameComparison('family', 'family_share'),
];

const sameSex = sql`(l.sex IS NULL OR r.sex IS NULL OR l.sex = r.sex)`;

/** Pairs of open rows and persons that are compared; sex must agree where both sides have it. `link_near` (id, near) holds the neighbours of the identifiers. */
export const PERSON_RULES: readonly BlockingRule[] = [
  { name: 'id', on: sql`r.id = l.id AND ${sameSex}`, fixes: ['identifier'] },
  {
    name: 'near_id',
    on: sql`damerau_levenshtein(l.id, r.id) = 1 AND ${sameSex}`,
    through: { join: sql`JOIN link_near AS x ON x.id = l.id`, on: sql`r.id = x.near AND ${sameSex}` },
    fixes: ['identifier'],
  },
  {
    name: 'birth_given',
    on: sql`r.birth_date = l.birth_date AND r.given_code = l.given_code AND ${sameSex}`,
    fixes: ['birth_date', 'given'],
  },
  {
    name: 'birth_family',
    on: sql`r.birth_date = l.birth_date AND r.family_code = l.family_code AND ${sameSex}`,
    fixes: ['birth_date', 'family'],
  },
  {
    name: 'names_year',
    on: sql`r.given_code = l.given_code AND r.family_code = l.family_code AND year(r.birth_date) = year(l.birth_date) AND ${sameSex}`,
    fixes: ['birth_date', 'given', 'family'],
  },
  {
    name: 'names_day',
    on: sql`r.given_code = l.given_code AND r.family_code = l.family_code AND month(r.birth_date) = month(l.birth_date) AND day(r.birth_date) = day(l.birth_date) AND ${sameSex}`,
    fixes: ['birth_date', 'given', 'family'],
  },
];
