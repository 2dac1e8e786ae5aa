import * as z from 'zod';

/** A parameter that names a column of the input. */
export const Column = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, { error: 'must be the snake_case name of a column' });
