-- Counter-based random draws: a draw depends on the seed, the name of its stream and its key, and on nothing else.
-- `seed()` is made before this file is read. The several-argument form of hash() is not used: its streams correlate.

-- 64 random bits of a key (a non-negative integer) in a stream.
CREATE OR REPLACE MACRO bits(stream, key) AS hash(xor(xor(hash(stream), hash(seed())), key::UBIGINT));

-- Uniform on [0, 1), 53 bits.
CREATE OR REPLACE MACRO u(stream, key) AS (bits(stream, key) >> 11)::DOUBLE / 9007199254740992;

-- A whole number from 0 to n - 1.
CREATE OR REPLACE MACRO below(stream, key, n) AS (bits(stream, key) % (n)::UBIGINT)::BIGINT;

-- Standard normal (Box-Muller).
CREATE OR REPLACE MACRO normal(stream, key) AS sqrt(-2 * ln(1 - u(stream, key))) * cos(2 * pi() * u(stream || ' angle', key));

-- Exponential with a mean, as a whole number.
CREATE OR REPLACE MACRO exponential(stream, key, mean) AS floor(-ln(1 - u(stream, key)) * mean)::INTEGER;

-- Sum of the digits of a doubled digit: the step of the Israeli check digit.
CREATE OR REPLACE MACRO doubled(digit) AS (digit * 2) // 10 + (digit * 2) % 10;

-- Check digit of an eight-digit body: weights 1, 2, 1, 2, 1, 2, 1, 2, 1; the sum of digits must be a multiple of ten.
CREATE OR REPLACE MACRO check_digit(body) AS (10 - (
    (body // 10000000) % 10 + doubled((body // 1000000) % 10) + (body // 100000) % 10 + doubled((body // 10000) % 10)
  + (body // 1000) % 10 + doubled((body // 100) % 10) + (body // 10) % 10 + doubled(body % 10)) % 10) % 10;

-- Nine digits with leading zeros.
CREATE OR REPLACE MACRO with_check_digit(body) AS lpad((body * 10 + check_digit(body))::VARCHAR, 9, '0');

-- The identity number of a person: a permutation of the eight-digit numbers (four Feistel rounds of four digits).
CREATE OR REPLACE MACRO scrambled(value, round) AS (value % 10000) * 10000 + (value // 10000 + below('identity ' || round, value % 10000, 10000)) % 10000;
