const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Aggregates whose result does not depend on the order of the rows (sums of DOUBLE are refused after binding). */
const AGGREGATES = new Set(
  words(`count count_star count_if countif sum avg mean min max median quantile quantile_cont quantile_disc bool_and bool_or
    bit_and bit_or bit_xor`),
);

/** Aggregates that are allowed only with their own ORDER BY. */
const ORDERED_AGGREGATES = new Set(words('list array_agg string_agg group_concat listagg'));

/** Window functions; each needs an ORDER BY in its window. */
const WINDOW_FUNCTIONS = new Set(
  words('row_number rank dense_rank rank_dense percent_rank cume_dist ntile lag lead first_value last_value nth_value'),
);

const SCALARS = new Set(
  words(`
    + - * / // % ** ^ || ~~ !~~ ~~* !~~* ~~~ ~ !~ ^@ & | << >> @ && @> <@
    abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees even exp factorial floor gcd greatest greatest_common_divisor isfinite
    isinf isnan lcm least least_common_multiple ln log log10 log2 mod pi pow power radians round round_even sign sin sqrt tan trunc
    add subtract multiply divide xor bit_count fdiv fmod
    ascii bar chr concat concat_ws contains damerau_levenshtein ends_with format hamming instr jaccard jaro_similarity
    jaro_winkler_similarity lcase left len length levenshtein like_escape not_like_escape ilike_escape not_ilike_escape lower lpad ltrim
    mismatches nfc_normalize ord position prefix printf regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches
    regexp_replace regexp_split_to_array repeat replace reverse right rpad rtrim split split_part starts_with str_split strip_accents
    strlen strpos string_split substr substring suffix translate trim ucase unicode upper to_base to_hex hex bin
    century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek
    dayofyear days_in_month decade epoch epoch_ms epoch_us era hour isodow isoyear last_day make_date make_time make_timestamp millennium
    minute month monthname quarter second strftime strptime try_strptime time_bucket timezone to_centuries to_days to_decades to_hours
    to_microseconds to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years week weekday weekofyear
    year yearweek julian
    coalesce ifnull nullif constant_or_null typeof
    array_extract array_length array_slice array_contains array_position array_concat array_cat apply filter cardinality element_at
    flatten generate_series range row unnest list_apply list_concat list_contains list_count list_distinct list_element list_extract
    list_filter list_has list_has_all list_has_any list_indexof list_intersect list_max list_min list_pack list_position list_reduce
    list_reverse list_reverse_sort list_slice list_sort list_transform list_unique list_value list_where list_zip
    map map_entries map_extract map_extract_value map_from_entries map_keys map_values map_contains
    struct_extract struct_extract_at struct_insert struct_pack struct_concat
  `),
);

const TIME = 'its result changes with the time of the run; take dates from the data or from a parameter';
const CHANCE = 'its result changes from run to run';
const ARBITRARY = 'its result depends on the order of the rows; use min, max, or row_number with a total ORDER BY';
const FLOATING = 'it adds floating-point numbers in no fixed order; compute it from sums of integers';
const STATE = 'it reads the state of the engine, not data';
const KEYS = 'keys and pseudonyms are made at the door, not in a step';
const APPROXIMATE = 'it is approximate; use the exact form';

const REFUSED: ReadonlyMap<string, string> = new Map([
  ...words(`now today current_date current_time current_timestamp localtime localtimestamp current_localtime current_localtimestamp
    get_current_time get_current_timestamp transaction_timestamp age ago`).map((name) => [name, TIME] as const),
  ...words('random setseed uuid uuidv4 uuidv7 gen_random_uuid reservoir_quantile sleep_ms').map((name) => [name, CHANCE] as const),
  ...words(`any_value arbitrary first last mode arg_max arg_min argmax argmin max_by min_by arg_max_null arg_min_null list_first list_last
    list_any_value list_mode histogram`).map((name) => [name, ARBITRARY] as const),
  ...words(`stddev stddev_pop stddev_samp variance var_pop var_samp covar_pop covar_samp corr regr_slope regr_intercept skewness kurtosis
    product geomean geometric_mean fsum favg sumkahan kahan_sum entropy sem mad wavg weighted_avg`).map(
    (name) => [name, FLOATING] as const,
  ),
  ...words(`current_setting getvariable getenv nextval currval txid_current version user current_user session_user current_role
    current_schema current_catalog current_database current_query error query query_table read_text read_blob read_csv read_csv_auto
    read_parquet read_json parquet_scan glob`).map((name) => [name, STATE] as const),
  ...words('hash md5 md5_number sha1 sha256').map((name) => [name, KEYS] as const),
  ...words('approx_count_distinct approx_quantile approx_top_k').map((name) => [name, APPROXIMATE] as const),
]);

/** Words that look like a column but are a function without parentheses. */
const VALUE_WORDS = new Set(
  words(`current_date current_time current_timestamp localtime localtimestamp current_user session_user user current_role
    current_schema current_catalog`),
);

export type FunctionKind = 'scalar' | 'aggregate' | 'ordered_aggregate' | 'window' | 'refused' | 'unknown';

/** What the parse gate thinks of a function: everything that is not on a list is `unknown` and refused too. */
export function functionKind(name: string): FunctionKind {
  const lower = name.toLowerCase();
  if (REFUSED.has(lower)) return 'refused';
  if (SCALARS.has(lower)) return 'scalar';
  if (AGGREGATES.has(lower)) return 'aggregate';
  if (ORDERED_AGGREGATES.has(lower)) return 'ordered_aggregate';
  return WINDOW_FUNCTIONS.has(lower) ? 'window' : 'unknown';
}

/** Why a function is refused. */
export function refusalReason(name: string): string | undefined {
  return REFUSED.get(name.toLowerCase());
}

export function isValueWord(name: string): boolean {
  return VALUE_WORDS.has(name.toLowerCase());
}

/** Names of allowed functions, for hints and for the handbook. */
export function allowedFunctions(): string[] {
  return [...SCALARS, ...AGGREGATES, ...ORDERED_AGGREGATES, ...WINDOW_FUNCTIONS].filter((name) => /^[a-z]/.test(name)).sort();
}
