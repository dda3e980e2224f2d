"""Programs that the benchmarks start: yardsticks, servers, and our own parts measured from within."""
