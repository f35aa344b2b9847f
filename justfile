# The few commands of daily work. Each is one cargo line: just is a convenience, not a need.

# Everything that must hold before a change is sent.
check: lint test

# All tests that need no server. `just test syntax::` runs some of them.
test *filter:
    INSTA_UPDATE=no cargo test --test main {{filter}}

# Layout and lints, without a single warning.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Writes changed snapshots, schemas, pages and the README's tour; look at the difference before you commit it.
accept *filter:
    ONHAND_ACCEPT=1 INSTA_UPDATE=always cargo test --test main {{filter}}

# The whole way on the shipped example: check, plan, apply, and nothing left to do.
demo *which:
    cargo run --release -- demo {{which}}

# Speed and memory, as ratios against other tools in the same run.
bench *filter:
    cargo bench {{filter}}

# The random tests with ten times as many cases as a plain run, and an hour of searching for inputs that break
# the front end. `ONHAND_SEED` runs one seed again.
long times="10" seconds="3600":
    ONHAND_CASES={{times}} ONHAND_FUZZ_SECONDS={{seconds}} INSTA_UPDATE=no cargo test --release --test main -- --nocapture

# Against real servers, where they are at hand; else says what was skipped. `.ci/run` stands them up.
live:
    cargo test --test main live:: -- --nocapture

# A plan over a million SKUs beside DuckDB and Polars; needs Python 3, and makes its data once.
bench-plan-scale *size:
    cargo build --release
    benches/plan-scale target/release/onhand {{size}}

# The least that such a plan has to do, by a bare loop over the files that the one above has made.
bench-floor folder="~/.cache/onhand-plan-scale/1000000-4":
    cargo bench --bench floor -- {{folder}}

# An apply of 100,000 changes to SQLite beside a plain loop with the same statements; needs Python 3.
bench-apply-sql *size:
    cargo build --release
    benches/apply-sql target/release/onhand {{size}}

# A plan over 200,000 variants of a shop behind a rate limit, from a server on loopback; needs Python 3.
bench-vendure-pages *size:
    cargo build --release
    benches/vendure-pages target/release/onhand {{size}}

# Instructions of what people wait for, against those that are kept; `just instructions accept` keeps new ones.
instructions *accept:
    CARGO_PROFILE_DEV_OPT_LEVEL=1 cargo build
    benches/instructions target/debug/onhand {{accept}}
