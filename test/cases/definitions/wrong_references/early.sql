SELECT person_id, now() AS at, $period AS period FROM late
