//! Numbers for people: durations, money, tokens, and nouns that agree with their count.

/// A duration in at most two units: `850ms`, `12s`, `1m 20s`, `3h 5m`, `2d 4h`.
#[must_use]
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if ms < 1000 => format!("{ms}ms"),
        () if minutes == 0 => format!("{seconds}s"),
        () if hours == 0 => two(minutes, "m", seconds % 60, "s"),
        () if days == 0 => two(hours, "h", minutes % 60, "m"),
        () => two(days, "d", hours % 24, "h"),
    }
}

fn two(big: u64, big_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{big}{big_unit}") } else { format!("{big}{big_unit} {small}{small_unit}") }
}

/// The running time as a clock that starts at zero: `00:42`, `75:03`, `1:02:03` from one hundred minutes on.
#[must_use]
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    if seconds < 6000 {
        format!("{:02}:{:02}", seconds / 60, seconds % 60)
    } else {
        format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// Money in dollars and cents, rounded up so that nothing that costs looks free.
#[must_use]
pub fn money(microdollars: u64) -> String {
    crate::domain::usage::dollars(microdollars)
}

/// A count of tokens: `950`, `12.3k`, `4.1M`.
#[must_use]
pub fn tokens(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..1_000_000 => format!("{}.{}k", n / 1_000, n % 1_000 / 100),
        1_000_000.. => format!("{}.{}M", n / 1_000_000, n % 1_000_000 / 100_000),
    }
}

/// A size on the disk: `4.0 KiB`, `1.2 GiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    // In tenths of the unit, rounded up: what takes room never looks as if it took none.
    let mut tenths = bytes.saturating_mul(10).div_ceil(1024);
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < units.len() {
        tenths = tenths.div_ceil(1024);
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

/// A count with its noun: `1 story`, `2 stories`.
#[must_use]
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [(0, "0ms"), (999, "999ms"), (1_000, "1s"), (80_000, "1m 20s"), (60_000, "1m")];
        let long = [(3_599_999, "59m 59s"), (11_100_000, "3h 5m"), (187_200_000, "2d 4h")];
        for (ms, expected) in cases.into_iter().chain(long) {
            assert_eq!(duration(ms), expected);
        }
    }

    #[test]
    fn the_clock_gets_hours_when_minutes_no_longer_fit() {
        assert_eq!(clock(42_000), "00:42");
        assert_eq!(clock(5_999_000), "99:59");
        assert_eq!(clock(6_000_000), "1:40:00");
    }

    #[test]
    fn nothing_that_costs_looks_free() {
        assert_eq!(money(0), "$0.00");
        assert_eq!(money(1), "$0.01");
        assert_eq!(money(420_000), "$0.42");
        assert_eq!(money(12_345_678), "$12.35");
    }

    #[test]
    fn tokens_are_shortened() {
        assert_eq!(tokens(999), "999");
        assert_eq!(tokens(12_345), "12.3k");
        assert_eq!(tokens(4_199_999), "4.1M");
    }

    #[test]
    fn nouns_agree_with_their_count() {
        assert_eq!(count(1, "story", "stories"), "1 story");
        assert_eq!(count(0, "story", "stories"), "0 stories");
    }

    #[test]
    fn sizes_have_one_decimal() {
        let cases = [(0, "0.0 KiB"), (1, "0.1 KiB"), (4096, "4.0 KiB"), (1_048_576, "1.0 MiB"), (5 << 40, "5.0 TiB")];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
    }
}
